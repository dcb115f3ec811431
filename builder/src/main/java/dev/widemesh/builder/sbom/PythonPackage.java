package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// What installers of Python leave beside each package.
record PythonPackage() implements Evidence {
  private static final Set<String> FIELDS =
      Set.of("Name", "Version", "License", "License-Expression");

  @Override
  public boolean isAt(String path) {
    return path.endsWith(".dist-info/METADATA")
        || path.endsWith(".egg-info/PKG-INFO")
        || path.endsWith(".egg-info");
  }

  @Override
  public long most() {
    return 4_000_000;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException {
    var isOver = new AtomicBoolean(); // what follows the first paragraph is a description
    Stanzas.read(
        content,
        FIELDS,
        fields -> {
          if (!isOver.getAndSet(true)) {
            add(fields, found);
          }
        });
  }

  private static void add(Map<String, String> fields, Consumer<Claim> found) {
    var name = fields.getOrDefault("Name", "");
    var version = fields.getOrDefault("Version", "");
    var normal = name.toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-");
    var licence = fields.getOrDefault("License-Expression", fields.getOrDefault("License", ""));
    var purl = Purl.of("pypi", "", normal, version);
    found.accept(Component.of(Kind.LIBRARY, "", name, version, purl, licence));
  }
}
