package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.widemesh.api.Json;
import dev.widemesh.builder.sbom.Component.Kind;
import dev.widemesh.builder.sbom.ImageContents.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/// Writes a bill of materials in the format CycloneDX 1.6, in JSON: the same image, the same bytes.
final class CycloneDx {
  /// What the platform's own answers may have; far more than an app has.
  private static final int LARGEST = 7_000_000;

  /// What may be said besides, at its end, of what is not in it: in bytes.
  private static final int MOST_NOTES = 500_000;

  /// Changes when the way it is made changes.
  private static final String EDITION = "2";

  private static final int MOST_PATHS = 3;
  private static final int MOST_UNREAD = 200;

  /// What may be one of SPDX; another licence is only a name.
  private static final Pattern EXPRESSION =
      Pattern.compile(
          "\\(*[A-Za-z0-9][A-Za-z0-9.+-]*\\)*( (AND|OR|WITH) \\(*[A-Za-z0-9][A-Za-z0-9.+-]*\\)*)*");

  private final String image;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final JsonGenerator json;

  private CycloneDx(String image) throws IOException {
    this.image = image;
    this.json = Json.MAPPER.createGenerator(bytes);
  }

  /// `image` is the digest of its manifest.
  static byte[] write(String image, ImageContents contents) throws IOException {
    var document = new CycloneDx(image);
    document.write(contents);
    return document.bytes.toByteArray();
  }

  private void write(ImageContents contents) throws IOException {
    json.writeStartObject();
    json.writeStringField("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    json.writeStringField("bomFormat", "CycloneDX");
    json.writeStringField("specVersion", "1.6");
    var serial = UUID.nameUUIDFromBytes(image.getBytes(StandardCharsets.UTF_8));
    json.writeStringField("serialNumber", "urn:uuid:" + serial);
    json.writeNumberField("version", 1);
    metadata();
    json.writeArrayFieldStart("components");
    var left = 0;
    for (var place : contents.components().values()) {
      json.flush();
      if (bytes.size() < LARGEST) {
        component(place);
      } else {
        left++;
      }
    }
    json.writeEndArray();
    completeness(contents.unread(), left);
    json.writeEndObject();
    json.close();
  }

  private void metadata() throws IOException {
    json.writeObjectFieldStart("metadata");
    json.writeObjectFieldStart("tools");
    json.writeArrayFieldStart("components");
    json.writeStartObject();
    json.writeStringField("type", Kind.APPLICATION.word());
    json.writeStringField("name", "widemesh");
    json.writeStringField("version", EDITION);
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
    json.writeObjectFieldStart("component");
    json.writeStringField("bom-ref", image);
    json.writeStringField("type", "container");
    json.writeStringField("name", image);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void component(Place place) throws IOException {
    var component = place.component();
    json.writeStartObject();
    json.writeStringField("bom-ref", component.reference());
    json.writeStringField("type", component.kind().word());
    field("group", component.group());
    json.writeStringField("name", component.name());
    field("version", component.version());
    licence(component.licence());
    field("purl", component.purl());
    json.writeObjectFieldStart("evidence");
    json.writeArrayFieldStart("occurrences");
    for (var path : first(place.paths(), MOST_PATHS)) {
      json.writeStartObject();
      json.writeStringField("location", "/" + path);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void field(String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }

  private void licence(String licence) throws IOException {
    if (licence.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("licenses");
    json.writeStartObject();
    if (EXPRESSION.matcher(licence).matches()) {
      json.writeStringField("expression", licence);
    } else {
      json.writeObjectFieldStart("license");
      json.writeStringField("name", licence);
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeEndArray();
  }

  /// Nobody knows of software that no list names; what was not read is known to lack.
  private void completeness(List<String> unread, int left) throws IOException {
    json.writeArrayFieldStart("compositions");
    json.writeStartObject();
    json.writeStringField("aggregate", unread.isEmpty() && left == 0 ? "unknown" : "incomplete");
    json.writeArrayFieldStart("assemblies");
    json.writeString(image);
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeArrayFieldStart("properties");
    var shown = 0;
    for (var each : first(unread, MOST_UNREAD)) {
      json.flush();
      if (bytes.size() < LARGEST + MOST_NOTES) {
        property(each);
        shown++;
      }
    }
    if (shown < unread.size()) {
      property("%,d more files".formatted(unread.size() - shown));
    }
    if (left > 0) {
      property("%,d more packages: the document would be too large".formatted(left));
    }
    json.writeEndArray();
  }

  private void property(String unread) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", "widemesh:unread");
    json.writeStringField("value", unread);
    json.writeEndObject();
  }

  private static <T> List<T> first(List<T> all, int most) {
    return all.subList(0, Math.min(most, all.size()));
  }
}
