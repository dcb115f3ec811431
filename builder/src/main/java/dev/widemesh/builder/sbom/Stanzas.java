package dev.widemesh.builder.sbom;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Reads text that has lines `name: value`, in paragraphs with an empty line between them, as
/// Debian, Alpine and Python write it. Lines that go on with the value before are left out.
final class Stanzas {
  private Stanzas() {}

  /// Of each paragraph the fields with these names; the first of each name counts.
  static void read(InputStream content, Set<String> names, Consumer<Map<String, String>> each)
      throws IOException {
    var lines = new BufferedReader(new InputStreamReader(content, StandardCharsets.UTF_8));
    var fields = new HashMap<String, String>();
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        each.accept(Map.copyOf(fields));
        fields.clear();
      }
      var colon = line.indexOf(':');
      if (colon > 0 && names.contains(line.substring(0, colon))) {
        fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    each.accept(Map.copyOf(fields));
  }
}
