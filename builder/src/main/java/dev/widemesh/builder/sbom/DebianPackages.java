package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// What dpkg says is installed; images without dpkg have a file for each package.
record DebianPackages() implements Evidence {
  private static final Set<String> FIELDS = Set.of("Package", "Status", "Version", "Architecture");

  @Override
  public boolean isAt(String path) {
    return path.equals("var/lib/dpkg/status")
        || (Evidence.folder(path).equals("var/lib/dpkg/status.d") && !path.endsWith(".md5sums"));
  }

  @Override
  public long most() {
    return 64_000_000;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException {
    Stanzas.read(content, FIELDS, fields -> add(fields, found));
  }

  private static void add(Map<String, String> fields, Consumer<Claim> found) {
    if (!fields.getOrDefault("Status", " installed").endsWith(" installed")) {
      return; // removed, its configuration stayed
    }
    var name = fields.getOrDefault("Package", "");
    var version = fields.getOrDefault("Version", "");
    var architecture = fields.getOrDefault("Architecture", "");
    var purl = Purl.of("deb", "debian", name, version, architecture);
    found.accept(Component.of(Kind.LIBRARY, "", name, version, purl, ""));
  }
}
