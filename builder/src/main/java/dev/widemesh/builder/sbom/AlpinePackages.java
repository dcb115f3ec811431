package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// What apk says is installed.
record AlpinePackages() implements Evidence {
  private static final Set<String> FIELDS = Set.of("P", "V", "A", "L");

  @Override
  public boolean isAt(String path) {
    return path.equals("lib/apk/db/installed") || path.equals("usr/lib/apk/db/installed");
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
    var name = fields.getOrDefault("P", "");
    var version = fields.getOrDefault("V", "");
    var architecture = fields.getOrDefault("A", "");
    var purl = Purl.of("apk", "alpine", name, version, architecture);
    var licence = fields.getOrDefault("L", "");
    found.accept(Component.of(Kind.LIBRARY, "", name, version, purl, licence));
  }
}
