package dev.widemesh.builder.sbom;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/// Goes through JSON field by field, holding none of it: a file of megabytes would be a hundred as
/// a tree.
final class Fields {
  private Fields() {}

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
