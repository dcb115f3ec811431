package dev.widemesh.builder.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What `.dockerignore` says: which files the build does not get. The last rule that fits decides.
record IgnoreRules(List<Rule> rules) {
  record Rule(Pattern pattern, boolean ignores) {}

  static final IgnoreRules NONE = new IgnoreRules(List.of());
  private static final int MOST = 1_000;

  IgnoreRules {
    rules = List.copyOf(rules);
  }

  static IgnoreRules parse(String text) {
    var rules = new ArrayList<Rule>();
    for (var raw : text.replace("\uFEFF", "").lines().limit(MOST).toList()) {
      var line = raw.strip();
      var ignores = !line.startsWith("!");
      var pattern = clean(ignores ? line : line.substring(1).strip());
      if (!line.startsWith("#") && !pattern.isEmpty()) {
        rules.add(new Rule(Pattern.compile(regex(pattern), Pattern.DOTALL), ignores));
      }
    }
    return new IgnoreRules(rules);
  }

  private static String clean(String pattern) {
    var parts = new ArrayList<String>();
    for (var part : pattern.split("/", -1)) {
      if (part.equals("..") && !parts.isEmpty()) {
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  /// `**` is any number of folders, `*` and `?` stop at a slash; what fits a folder fits all in it.
  private static String regex(String pattern) {
    var regex = new StringBuilder();
    for (var i = 0; i < pattern.length(); i++) {
      var c = pattern.charAt(i);
      var next = i + 1 < pattern.length() ? pattern.charAt(i + 1) : '\0';
      switch (c) {
        case '*' -> {
          if (next != '*') {
            regex.append("[^/]*");
          } else if (pattern.startsWith("**/", i)) {
            regex.append("(?:.*/)?");
            i += 2;
          } else {
            regex.append(".*");
            i++;
          }
        }
        case '?' -> regex.append("[^/]");
        case '[' -> i = set(pattern, i, regex);
        case '\\' -> {
          regex.append(Pattern.quote(next == '\0' ? "\\" : String.valueOf(next)));
          i++;
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.append("(?:/.*)?").toString();
  }

  /// A set like `[a-z]` or `[^0-9]`; returns where it ends. An open one is a bracket like any.
  private static int set(String pattern, int start, StringBuilder regex) {
    var end = pattern.indexOf(']', start + 2);
    if (end < 0) {
      regex.append("\\[");
      return start;
    }
    var inside = pattern.substring(start + 1, end);
    var not = inside.startsWith("^");
    var chars = (not ? inside.substring(1) : inside).replaceAll("([\\[\\]&\\\\^])", "\\\\$1");
    regex.append(not ? "[^/" : "[").append(chars).append(']');
    return end;
  }

  /// `path` is relative, with slashes.
  boolean ignores(String path) {
    var ignored = false;
    for (var rule : rules) {
      if (rule.ignores() != ignored && rule.pattern().matcher(path).matches()) {
        ignored = rule.ignores();
      }
    }
    return ignored;
  }

  /// Whether nothing below an ignored folder can be wanted again.
  boolean isFinal() {
    return rules.stream().allMatch(Rule::ignores);
  }
}
