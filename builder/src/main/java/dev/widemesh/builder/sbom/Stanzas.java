package dev.widemesh.builder.sbom;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Reads text that has lines `name: value`, in paragraphs with an empty line between them, as
/// Debian, Alpine and Python write it. Lines that go on with the value before are left out.
final class Stanzas {
  private static final int LONGEST_LINE = 2000;

  private Stanzas() {}

  /// Of each paragraph the fields with these names; the first of each name counts. Of a line no
  /// more than its first 2,000 characters.
  static void read(InputStream content, Set<String> names, Consumer<Map<String, String>> each)
      throws IOException {
    var lines = new BufferedReader(new InputStreamReader(content, StandardCharsets.UTF_8));
    var fields = new HashMap<String, String>();
    for (var next = line(lines); next.isPresent(); next = line(lines)) {
      var line = next.get();
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

  /// Empty at the end. Of a longer one the beginning: the rest is read, and held nowhere.
  private static Optional<String> line(Reader lines) throws IOException {
    var line = new StringBuilder();
    var letter = lines.read();
    if (letter < 0) {
      return Optional.empty();
    }
    for (; letter >= 0 && letter != '\n'; letter = lines.read()) {
      if (line.length() < LONGEST_LINE) {
        line.append((char) letter);
      }
    }
    var end = line.length() - 1;
    if (end >= 0 && line.charAt(end) == '\r') {
      line.setLength(end);
    }
    return Optional.of(line.toString());
  }
}
