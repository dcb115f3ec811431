package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// Goes through JSON field by field, holding none of it: a file of megabytes would be a hundred as
/// a tree.
final class Fields {
  private static final int LONGEST_TEXT = 1_000_000;

  /// Of one field, in letters and values.
  private static final int LARGEST = 100_000;

  /// Of a longer text: more than anything that is listed may have.
  private static final int BEGINNING = 1_000;

  /// Names are not kept for the next time: there are as many as somebody likes.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(LONGEST_TEXT).build())
          .build();

  private Fields() {}

  /// Refuses a text of more than a million characters, where one is asked for.
  static JsonParser parser(InputStream content) throws IOException {
    return FACTORY.createParser(content);
  }

  /// The object that the parser is at. Nothing else of it is held than what the record has. Of a
  /// field with more than 100,000 letters and values there is only the beginning, if it is a text,
  /// or else a list of nothing but [Component#CUT].
  static <T extends Record> T read(JsonParser json, Class<T> type) throws IOException {
    var names =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getName)
            .collect(Collectors.toSet());
    return Json.MAPPER.treeToValue(some(json, names), type);
  }

  private static JsonNode some(JsonParser json, Set<String> names) throws IOException {
    var object = Json.MAPPER.createObjectNode();
    inside(
        json,
        (name, parser) -> {
          if (names.contains(name)) {
            object.set(name, held(parser));
          } else {
            parser.skipChildren();
          }
        });
    return object;
  }

  private static JsonNode held(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING && json.getTextLength() > LARGEST) {
      return Json.MAPPER.getNodeFactory().textNode(json.getText().substring(0, BEGINNING));
    }
    try (var held = new TokenBuffer(Json.MAPPER, false)) {
      var depth = 0;
      var left = LARGEST;
      for (var token = json.currentToken(); ; token = json.nextToken()) {
        if (token == null) {
          throw new IOException("its JSON ends in the middle");
        }
        left -= left < 0 ? 0 : weight(json, token);
        if (left >= 0) {
          held.copyCurrentEvent(json);
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (depth == 0) {
          break;
        }
      }
      return left < 0
          ? Json.MAPPER.createArrayNode().add(Component.CUT)
          : Json.MAPPER.readTree(held.asParser());
    }
  }

  private static int weight(JsonParser json, JsonToken token) throws IOException {
    var hasText = token.isScalarValue() || token == JsonToken.FIELD_NAME;
    return 1 + (hasText ? json.getTextLength() : 0);
  }

  /// Reads the value that the parser is at, to its end.
  interface Each {
    void field(String name, JsonParser value) throws IOException;
  }

  /// Of the object that the text is.
  static void of(JsonParser json, Each each) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("it is no JSON object");
    }
    inside(json, each);
  }

  /// Of the object that the parser is at.
  static void inside(JsonParser json, Each each) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      var name = json.currentName();
      json.nextToken();
      each.field(name, json);
    }
  }

  /// Each object of the list that the parser is at; whatever else is there is skipped.
  static void objects(JsonParser json, Each each) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.START_OBJECT) {
        each.field("", json);
      } else if (json.currentToken() == null) {
        throw new IOException("its JSON ends in the middle");
      } else {
        json.skipChildren();
      }
    }
  }
}
