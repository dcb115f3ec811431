package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What Composer says that it installed.
record PhpPackages() implements Evidence {
  record Installed(
      @Nullable String name, @Nullable String version, @Nullable List<String> license) {}

  @Override
  public boolean isAt(String path) {
    return path.endsWith("/composer/installed.json");
  }

  @Override
  public long most() {
    return 20_000_000;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException {
    try (var json = Fields.parser(content)) {
      Fields.of(
          json,
          (field, parser) -> {
            if (field.equals("packages")) {
              Fields.objects(parser, (_, each) -> add(Fields.read(each, Installed.class), found));
            } else {
              parser.skipChildren();
            }
          });
    }
  }

  private static void add(Installed installed, Consumer<Claim> found) {
    if (installed.name() == null || installed.version() == null) {
      return;
    }
    var group = Evidence.folder(installed.name());
    var name = Evidence.name(installed.name());
    var version = installed.version().replaceFirst("^v(?=\\d)", "");
    var licence = installed.license() == null ? "" : String.join(" OR ", installed.license());
    var purl = Purl.of("composer", group, name, version);
    found.accept(Component.of(Kind.LIBRARY, group, name, version, purl, licence));
  }
}
