package dev.widemesh.builder.dockerfile;

import java.util.ArrayList;
import java.util.List;

/// What `.dockerignore` says: which files the build does not get. The last rule that fits decides.
record IgnoreRules(List<Rule> rules) {
  record Rule(IgnorePattern pattern, boolean ignores) {}

  IgnoreRules {
    rules = List.copyOf(rules);
  }

  static IgnoreRules parse(String text) {
    var rules = new ArrayList<Rule>();
    for (var raw : text.replace("\uFEFF", "").lines().toList()) {
      var line = raw.strip();
      var ignores = !line.startsWith("!");
      var pattern = clean(ignores ? line : line.substring(1).strip());
      if (!line.startsWith("#") && !pattern.isEmpty()) {
        rules.add(new Rule(IgnorePattern.parse(pattern), ignores));
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

  /// `path` is relative, with slashes.
  boolean ignores(String path) {
    var ignored = false;
    for (var rule : rules) {
      if (rule.ignores() != ignored && rule.pattern().fits(path)) {
        ignored = rule.ignores();
      }
    }
    return ignored;
  }
}
