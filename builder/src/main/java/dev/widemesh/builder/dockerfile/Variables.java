package dev.widemesh.builder.dockerfile;

import java.util.Map;
import java.util.regex.Pattern;

/// Puts values where a Dockerfile says `$NAME`, `${NAME}`, `${NAME:-otherwise}` or `${NAME:+if}`.
final class Variables {
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\{(\\w+)(?:(:[-+])([^}]*))?}|(\\w+))");

  private Variables() {}

  static String expand(String text, Map<String, String> values) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            match -> {
              var name = match.group(1) == null ? match.group(4) : match.group(1);
              var value = values.getOrDefault(name, "");
              var word = match.group(3) == null ? "" : match.group(3);
              return java.util.regex.Matcher.quoteReplacement(
                  chosen(value, match.group(2) == null ? "" : match.group(2), word));
            });
  }

  private static String chosen(String value, String operator, String word) {
    return switch (operator) {
      case ":-" -> value.isEmpty() ? word : value;
      case ":+" -> value.isEmpty() ? "" : word;
      default -> value;
    };
  }
}
