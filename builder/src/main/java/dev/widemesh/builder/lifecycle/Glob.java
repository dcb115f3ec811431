package dev.widemesh.builder.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// A pattern of paths: `*` and `?` stay inside of one folder, a folder is taken with all in it.
/// Whatever pattern and path are, matching takes no more steps than the product of their lengths.
record Glob(List<List<Part>> names) {
  /// One letter, or with `many` any number of them.
  record Part(boolean many, IntPredicate letter) {}

  static Glob parse(String glob) {
    var text = glob.replaceFirst("^(\\.?/+)+", "").replaceFirst("/+$", "");
    var names = new ArrayList<List<Part>>();
    var name = new ArrayList<Part>();
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c == '/') {
        names.add(List.copyOf(name));
        name.clear();
      } else if (c == '[' && text.indexOf(']', i + 2) > 0) {
        var end = text.indexOf(']', i + 2);
        name.add(new Part(false, letters(text.substring(i + 1, end))));
        i = end;
      } else if (c == '\\' && i + 1 < text.length()) {
        i++;
        name.add(literal(text.charAt(i)));
      } else {
        name.add(c == '*' || c == '?' ? new Part(c == '*', _ -> true) : literal(c));
      }
    }
    names.add(List.copyOf(name));
    return new Glob(List.copyOf(names));
  }

  private static Part literal(char wanted) {
    return new Part(false, letter -> letter == wanted);
  }

  /// `a-z_`, or `^a-z_` for all others.
  private static IntPredicate letters(String text) {
    var negated = text.startsWith("^");
    var inner = negated ? text.substring(1) : text;
    return letter -> negated != holds(inner, letter);
  }

  private static boolean holds(String inner, int letter) {
    for (var i = 0; i < inner.length(); i++) {
      var range = i + 2 < inner.length() && inner.charAt(i + 1) == '-';
      var last = range ? inner.charAt(i + 2) : inner.charAt(i);
      if (inner.charAt(i) <= letter && letter <= last) {
        return true;
      }
      i += range ? 2 : 0;
    }
    return false;
  }

  /// `path` is relative, its names parted by `/`.
  boolean matches(String path) {
    var parts = path.split("/", -1);
    if (parts.length < names.size()) {
      return false;
    }
    for (var i = 0; i < names.size(); i++) {
      if (!matches(names.get(i), parts[i])) {
        return false;
      }
    }
    return true;
  }

  /// Where it does not fit, the last `*` takes one letter more: those before it need not.
  private static boolean matches(List<Part> pattern, String name) {
    var at = 0;
    var star = -1;
    var taken = 0;
    for (var i = 0; i < name.length(); ) {
      if (at < pattern.size() && pattern.get(at).many()) {
        star = at++;
        taken = i;
      } else if (at < pattern.size() && pattern.get(at).letter().test(name.charAt(i))) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++taken;
      } else {
        return false;
      }
    }
    return pattern.subList(at, pattern.size()).stream().allMatch(Part::many);
  }
}
