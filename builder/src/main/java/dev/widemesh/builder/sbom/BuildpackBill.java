package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A bill of materials that a buildpack left in the image, in the format of that name.
record BuildpackBill(Format format) implements Evidence {
  private static final String PLACE = "layers/sbom/launch/";

  enum Format {
    CYCLONEDX("cdx", "components"),
    SPDX("spdx", "packages"),
    SYFT("syft", "artifacts");

    private final String suffix;
    private final String list;

    Format(String suffix, String list) {
      this.suffix = suffix;
      this.list = list;
    }
  }

  /// As any of them writes it; each field is of one of them.
  record Item(
      @Nullable String type,
      @Nullable String group,
      @Nullable String name,
      @Nullable String version,
      @Nullable String versionInfo,
      @Nullable String purl,
      @Nullable JsonNode licenses,
      @Nullable String licenseConcluded,
      @Nullable String licenseDeclared,
      @Nullable JsonNode externalRefs) {}

  @Override
  public boolean isAt(String path) {
    return path.startsWith(PLACE)
        && Evidence.name(path).equals("sbom.%s.json".formatted(format.suffix));
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
            if (field.equals(format.list)) {
              Fields.objects(parser, (_, each) -> add(each, found));
            } else {
              parser.skipChildren();
            }
          });
    }
  }

  private void add(JsonParser json, Consumer<Claim> found) throws IOException {
    var item = Fields.read(json, Item.class);
    found.accept(
        switch (format) {
          case CYCLONEDX ->
              Kind.of(text(item.type()))
                  .map(
                      kind ->
                          Component.of(
                              kind,
                              text(item.group()),
                              text(item.name()),
                              text(item.version()),
                              text(item.purl()),
                              choice(item.licenses())))
                  .orElse(new Claim.None());
          case SPDX ->
              Component.of(
                  Kind.LIBRARY,
                  "",
                  text(item.name()),
                  text(item.versionInfo()),
                  purl(item.externalRefs()),
                  asserted(item));
          case SYFT ->
              Component.of(
                  Kind.LIBRARY,
                  "",
                  text(item.name()),
                  text(item.version()),
                  text(item.purl()),
                  first(item.licenses()));
        });
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  /// The licences of CycloneDX, as one expression where there are several.
  private static String choice(@Nullable JsonNode licences) {
    var names = new java.util.TreeSet<String>();
    if (licences != null) {
      for (var each : licences) {
        var licence = each.path("license");
        var name = licence.path("id").asText(licence.path("name").asText(each.asText("")));
        names.add(each.path("expression").asText(name));
      }
    }
    names.remove("");
    return String.join(" AND ", names);
  }

  /// Text, or tables with a value.
  private static String first(@Nullable JsonNode licences) {
    var one = licences == null ? null : licences.path(0);
    return one == null ? "" : one.isTextual() ? one.asText() : one.path("value").asText("");
  }

  private static String asserted(Item item) {
    for (var said : List.of(text(item.licenseConcluded()), text(item.licenseDeclared()))) {
      if (!said.isEmpty() && !said.equals("NOASSERTION") && !said.equals("NONE")) {
        return said;
      }
    }
    return "";
  }

  private static String purl(@Nullable JsonNode references) {
    if (references != null) {
      for (var each : references) {
        if (each.path("referenceType").asText("").equals("purl")) {
          return each.path("referenceLocator").asText("");
        }
      }
    }
    return "";
  }
}
