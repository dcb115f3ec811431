package dev.widemesh.builder.lifecycle;

import java.util.List;
import java.util.regex.Pattern;
import org.tomlj.TomlTable;

/// Files of the app that a buildpack wants in an image layer of their own, since they change at
/// another pace. `*` and `?` stay inside of one folder; a folder is taken with all in it.
record Slice(List<Pattern> patterns) {
  Slice {
    patterns = List.copyOf(patterns);
  }

  static Slice parse(TomlTable table) {
    return new Slice(TomlFile.strings(table, "paths").stream().map(Slice::pattern).toList());
  }

  /// `path` is relative to the app's folder.
  boolean takes(String path) {
    return patterns.stream().anyMatch(pattern -> pattern.matcher(path).matches());
  }

  private static Pattern pattern(String glob) {
    var regex = new StringBuilder();
    var text = glob.replaceFirst("^(\\.?/+)+", "").replaceFirst("/+$", "");
    for (var i = 0; i < text.length(); i++) {
      i = append(regex, text, i);
    }
    return Pattern.compile(regex.append("(/.*)?").toString(), Pattern.DOTALL);
  }

  /// Appends what stands at `i`, and answers where that ends.
  private static int append(StringBuilder regex, String text, int i) {
    var c = text.charAt(i);
    if (c == '*') {
      regex.append("[^/]*");
    } else if (c == '?') {
      regex.append("[^/]");
    } else if (c == '[' && text.indexOf(']', i + 2) > 0) {
      return appendClass(regex, text, i);
    } else if (c == '\\' && i + 1 < text.length()) {
      regex.append(Pattern.quote(text.substring(i + 1, i + 2)));
      return i + 1;
    } else {
      regex.append(Pattern.quote(String.valueOf(c)));
    }
    return i;
  }

  private static int appendClass(StringBuilder regex, String text, int start) {
    var end = text.indexOf(']', start + 2);
    var inner = text.substring(start + 1, end);
    var negated = inner.startsWith("^");
    regex
        .append(negated ? "[^/" : "[")
        .append((negated ? inner.substring(1) : inner).replaceAll("([\\\\\\[\\]&^])", "\\\\$1"))
        .append(']');
    return end;
  }
}
