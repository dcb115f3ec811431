package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Puts values where a Dockerfile says `$NAME`, `${NAME}`, `${NAME:-otherwise}` or `${NAME:+if}`.
final class Variables {
  private static final int MOST = 64_000;
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\{(\\w++)(?:(:[-+])([^}]{0,1000}+))?}|(\\w++))");

  private Variables() {}

  /// Values are made of values: what gets longer than 64 kB is refused before it is made.
  static String expand(Instruction where, String text, Map<String, String> values)
      throws BuildRefused {
    var expanded = new StringBuilder();
    var at = 0;
    for (var found = VARIABLE.matcher(text); found.find(); at = found.end()) {
      add(where, text.substring(at, found.start()), expanded);
      add(where, value(found.toMatchResult(), values), expanded);
    }
    add(where, text.substring(at), expanded);
    return expanded.toString();
  }

  private static void add(Instruction where, String text, StringBuilder to) throws BuildRefused {
    if (to.length() + text.length() > MOST) {
      throw where.refused("a value is longer than %d kB".formatted(MOST / 1_000), "shorten it");
    }
    to.append(text);
  }

  private static String value(MatchResult found, Map<String, String> values) {
    var name = found.group(1) == null ? found.group(4) : found.group(1);
    var value = values.getOrDefault(name, "");
    var word = Optional.ofNullable(found.group(3)).orElse("");
    return switch (Optional.ofNullable(found.group(2)).orElse("")) {
      case ":-" -> value.isEmpty() ? word : value;
      case ":+" -> value.isEmpty() ? "" : word;
      default -> value;
    };
  }
}
