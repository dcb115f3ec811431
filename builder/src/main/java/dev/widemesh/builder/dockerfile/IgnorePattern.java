package dev.widemesh.builder.dockerfile;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/// What one rule of a `.dockerignore` fits. All ways to fit are followed at once, so that no
/// pattern takes more than its length for each character of a path.
record IgnorePattern(List<Part> parts) {
  /// `One` is a character, `Many` any number of them, `Folders` any number of whole folders.
  sealed interface Part {
    record One(IntPredicate fits) implements Part {}

    record Many(boolean alsoSlashes) implements Part {}

    record Folders() implements Part {}
  }

  IgnorePattern {
    parts = List.copyOf(parts);
  }

  /// `**` is any number of folders, `*` and `?` stop at a slash.
  static IgnorePattern parse(String pattern) {
    var parts = new ArrayList<Part>();
    for (var i = 0; i < pattern.length(); i++) {
      var c = pattern.charAt(i);
      switch (c) {
        case '*' -> {
          var folders = pattern.startsWith("**/", i);
          var slashes = pattern.startsWith("**", i);
          parts.add(folders ? new Part.Folders() : new Part.Many(slashes));
          i += folders ? 2 : slashes ? 1 : 0;
        }
        case '?' -> parts.add(new Part.One(is -> is != '/'));
        case '[' -> {
          var end = end(pattern, i);
          parts.add(end < 0 ? only('[') : set(pattern.substring(i + 1, end)));
          i = end < 0 ? i : end;
        }
        case '\\' -> {
          i = Math.min(i + 1, pattern.length() - 1);
          parts.add(only(pattern.charAt(i)));
        }
        default -> parts.add(only(c));
      }
    }
    return new IgnorePattern(parts);
  }

  private static Part only(char c) {
    return new Part.One(is -> is == c);
  }

  /// Where the set that begins here is closed, or -1. Searched no further than a name can be long.
  private static int end(String pattern, int start) {
    var last = Math.min(pattern.length(), start + 256);
    for (var i = start + 2; i < last; i++) {
      if (pattern.charAt(i) == ']' && pattern.charAt(i - 1) != '\\') {
        return i;
      }
    }
    return -1;
  }

  /// A set like `a-z` or `^0-9`.
  private static Part set(String inside) {
    var not = inside.startsWith("^");
    var chars = (not ? inside.substring(1) : inside).replace("\\", "");
    var ranges = new ArrayList<IntPredicate>();
    for (var i = 0; i < chars.length(); i++) {
      var from = chars.charAt(i);
      var isRange = i + 2 < chars.length() && chars.charAt(i + 1) == '-';
      var to = isRange ? chars.charAt(i + 2) : from;
      ranges.add(is -> from <= is && is <= to);
      i += isRange ? 2 : 0;
    }
    var all = List.copyOf(ranges);
    return new Part.One(is -> all.stream().anyMatch(each -> each.test(is)) != not && is != '/');
  }

  /// What fits a folder fits all in it.
  boolean fits(String path) {
    if (!parts.isEmpty() && parts.getFirst() instanceof Part.One(var first)) {
      if (path.isEmpty() || !first.test(path.charAt(0))) {
        return false; // most rules and paths
      }
    }
    var now = new BitSet();
    enter(0, now);
    for (var i = 0; i < path.length() && !now.isEmpty(); i++) {
      var c = path.charAt(i);
      if (c == '/' && now.get(parts.size())) {
        return true;
      }
      now = after(c, now);
    }
    return now.get(parts.size());
  }

  private BitSet after(char c, BitSet now) {
    var next = new BitSet();
    for (var at = now.nextSetBit(0); at >= 0 && at < parts.size(); at = now.nextSetBit(at + 1)) {
      switch (parts.get(at)) {
        case Part.One(var fits) -> {
          if (fits.test(c)) {
            enter(at + 1, next);
          }
        }
        case Part.Many(var alsoSlashes) -> {
          if (alsoSlashes || c != '/') {
            enter(at, next);
          }
        }
        case Part.Folders() -> {
          next.set(at); // inside of a folder's name, which only a slash ends
          if (c == '/') {
            enter(at + 1, next);
          }
        }
      }
    }
    return next;
  }

  /// Goes to this part, and past it where it may be nothing. Called in ascending order: what is set
  /// already was gone past.
  private void enter(int start, BitSet into) {
    for (var at = start; !into.get(at); at++) {
      into.set(at);
      if (at == parts.size() || parts.get(at) instanceof Part.One) {
        return;
      }
    }
  }
}
