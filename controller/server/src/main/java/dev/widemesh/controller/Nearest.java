package dev.widemesh.controller;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The name that was probably meant.
final class Nearest {
  private Nearest() {}

  static Optional<String> to(String text, Collection<String> names) {
    var limit = Math.max(1, Math.min(text.length(), 30) / 3);
    return names.stream()
        .filter(name -> distance(text, name) <= limit)
        .min(Comparator.comparingInt((String name) -> distance(text, name)).thenComparing(n -> n));
  }

  /// "no environment 'shpo'; did you mean 'shop'?"
  static String missing(String what, String text, Collection<String> names) {
    var shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return "no %s '%s'%s"
        .formatted(
            what, shown, to(text, names).map(name -> "; did you mean '" + name + "'?").orElse(""));
  }

  // Edits, where two neighbours that changed places count as one.
  static int distance(String a, String b) {
    if (Math.abs(a.length() - b.length()) > 12) {
      return Integer.MAX_VALUE;
    }
    var cost = new int[a.length() + 1][b.length() + 1];
    for (var i = 0; i <= a.length(); i++) {
      for (var j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int cheapest(int[][] cost, String a, String b, int i, int j) {
    var same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    var best = Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + same);
    var swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
