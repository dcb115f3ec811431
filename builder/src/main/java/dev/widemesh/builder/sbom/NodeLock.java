package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What npm's lock file names, but for what is only there for development. It counts only where no
/// package is installed as such: then they were bundled.
record NodeLock() implements Evidence {
  private static final String MODULES = "node_modules/";

  record Locked(
      @Nullable String version,
      @Nullable String license,
      @Nullable Boolean dev,
      @Nullable Boolean devOptional,
      @Nullable Boolean link) {}

  @Override
  public boolean isAt(String path) {
    return Evidence.name(path).equals("package-lock.json") && !path.contains(MODULES);
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
            if (field.equals("packages") && parser.currentToken() == JsonToken.START_OBJECT) {
              packages(parser, found);
            } else {
              parser.skipChildren();
            }
          });
    }
  }

  private static void packages(JsonParser json, Consumer<Claim> found) throws IOException {
    Fields.inside(
        json,
        (place, parser) -> {
          if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
          }
          var locked = Fields.read(parser, Locked.class);
          var at = place.lastIndexOf(MODULES);
          if (at >= 0 && locked.version() != null && !isLeftOut(locked)) {
            found.accept(
                NodePackage.claim(
                    place.substring(at + MODULES.length()),
                    locked.version(),
                    locked.license() == null ? "" : locked.license()));
          }
        });
  }

  private static boolean isLeftOut(Locked locked) {
    return Boolean.TRUE.equals(locked.dev())
        || Boolean.TRUE.equals(locked.devOptional())
        || Boolean.TRUE.equals(locked.link());
  }
}
