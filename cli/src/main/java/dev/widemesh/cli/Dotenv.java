package dev.widemesh.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads `.env` files: `NAME=value`, `export NAME=value`, comments, and quotes, which may span
/// lines.
final class Dotenv {
  private static final Pattern ENTRY =
      Pattern.compile(
          "\\G(?:[ \\t]*(?:#[^\\n]*)?\\n"
              + "|[ \\t]*(?:export[ \\t]+)?([^\\s=#]+)[ \\t]*=[ \\t]*"
              + "(?:'([^']*)'|\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\n]*?))"
              + "(?:[ \\t]+#[^\\n]*|[ \\t]*)\\n)",
          Pattern.DOTALL);

  private Dotenv() {}

  static Map<String, String> parse(String text) {
    var content = text.replace("\r\n", "\n") + "\n";
    var values = new LinkedHashMap<String, String>();
    var matcher = ENTRY.matcher(content);
    var end = 0;
    while (matcher.find()) {
      end = matcher.end();
      if (matcher.group(1) != null) {
        values.put(matcher.group(1), value(matcher));
      }
    }
    if (end < content.length()) {
      var line = content.substring(0, end).chars().filter(c -> c == '\n').count() + 1;
      throw Refusal.usage(
          "line %d is not like NAME=value".formatted(line), "correct it, or put # before it");
    }
    return values;
  }

  private static String value(java.util.regex.Matcher matcher) {
    if (matcher.group(2) != null) {
      return matcher.group(2);
    }
    return matcher.group(3) != null ? unescaped(matcher.group(3)) : matcher.group(4);
  }

  private static String unescaped(String text) {
    return Pattern.compile("\\\\(.)", Pattern.DOTALL)
        .matcher(text)
        .replaceAll(
            found ->
                java.util.regex.Matcher.quoteReplacement(
                    switch (found.group(1)) {
                      case "n" -> "\n";
                      case "r" -> "\r";
                      case "t" -> "\t";
                      default -> found.group(1);
                    }));
  }
}
