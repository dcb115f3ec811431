package dev.widemesh.builder.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What a word such as `<<EOF` announces: the lines after the instruction, up to `name`. With
/// `tabs` (`<<-EOF`) those before the name do not count.
record HereDocument(String name, boolean tabs) {
  private static final Pattern WORD =
      Pattern.compile("\\d*<<(-?)(?:\"([^\"<]+)\"|'([^'<]+)'|([^\"'<]+))");

  /// Those that the words of an instruction announce, in order; what stands in quotes is no word.
  static List<HereDocument> in(String text, char escape) {
    var found = new ArrayList<HereDocument>();
    for (var word : words(text, escape)) {
      var announced = WORD.matcher(word);
      if (announced.matches()) {
        found.add(
            new HereDocument(
                name(announced.group(2), announced.group(3), announced.group(4)),
                !announced.group(1).isEmpty()));
      }
    }
    return found;
  }

  private static String name(
      @org.jspecify.annotations.Nullable String doubled,
      @org.jspecify.annotations.Nullable String single,
      @org.jspecify.annotations.Nullable String plain) {
    return doubled != null ? doubled : single != null ? single : String.valueOf(plain);
  }

  /// As written, quotes and all.
  private static List<String> words(String text, char escape) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    var quote = ' ';
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (quote == ' ' && Character.isWhitespace(c)) {
        words.add(word.toString());
        word.setLength(0);
        continue;
      }
      word.append(c);
      if (c == escape && quote != '\'' && i + 1 < text.length()) {
        word.append(text.charAt(++i));
      } else if (c == quote) {
        quote = ' ';
      } else if (quote == ' ' && (c == '"' || c == '\'')) {
        quote = c;
      }
    }
    words.add(word.toString());
    return words;
  }

  boolean endsWith(String line) {
    return (tabs ? line.replaceFirst("^\t+", "") : line).equals(name);
  }
}
