package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The `package.json` of a package in a folder `node_modules`.
record NodePackage() implements Evidence {
  private static final Pattern PLACE =
      Pattern.compile("(.*/)?node_modules/(@[^/]+/)?[^/@][^/]*/package\\.json");
  private static final Pattern NAME = Pattern.compile("(?:(@[^/]+)/)?([^/@][^/]*)");

  record Said(@Nullable String name, @Nullable String version, @Nullable JsonNode license) {}

  @Override
  public boolean isAt(String path) {
    return path.endsWith("/package.json") && PLACE.matcher(path).matches();
  }

  @Override
  public long most() {
    return 1_000_000;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException {
    var said = Json.MAPPER.readValue(content, Said.class);
    if (said != null && said.name() != null && said.version() != null) {
      found.accept(claim(said.name(), said.version(), licence(said.license())));
    }
  }

  static Claim claim(String whole, String version, String licence) {
    var name = NAME.matcher(whole);
    if (!name.matches()) {
      return whole.isBlank() ? new Claim.None() : new Claim.Unfit();
    }
    var scope = name.group(1) == null ? "" : name.group(1);
    var purl = Purl.of("npm", scope, name.group(2), version);
    return Component.of(Kind.LIBRARY, scope, name.group(2), version, purl, licence);
  }

  /// An expression; or, of old, a table with a type, or a list of them.
  private static String licence(@Nullable JsonNode said) {
    if (said == null || said.isNull()) {
      return "";
    }
    var one = said.isArray() ? said.path(0) : said;
    return one.isTextual() ? one.asText() : one.path("type").asText("");
  }
}
