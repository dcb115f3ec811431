package dev.widemesh.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Guesses what somebody meant to type.
public final class Nearest {
  // Nobody mistypes more; the work grows with the square.
  private static final int LONGEST = 100;

  private Nearest() {}

  /// The name that takes the fewest changes to get to, or the one that this begins, the first of
  /// equals; empty when all are far away.
  public static Optional<String> to(String word, Collection<String> names) {
    if (word.length() > LONGEST) {
      return Optional.empty();
    }
    return names.stream()
        .filter(name -> name.length() <= LONGEST && near(word, name))
        .min(Comparator.comparingInt(name -> distance(word, name)));
  }

  private static boolean near(String word, String name) {
    return distance(word, name) <= Math.max(1, name.length() / 3)
        || (word.length() >= 2 && name.startsWith(word));
  }

  /// Levenshtein's distance, swapped neighbours counting one.
  private static int distance(String a, String b) {
    var rows = new int[a.length() + 1][b.length() + 1];
    for (var i = 0; i <= a.length(); i++) {
      for (var j = 0; j <= b.length(); j++) {
        rows[i][j] = i == 0 || j == 0 ? i + j : step(rows, a, b, i, j);
      }
    }
    return rows[a.length()][b.length()];
  }

  private static int step(int[][] rows, String a, String b, int i, int j) {
    var change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    var best = Math.min(rows[i - 1][j - 1] + change, 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
    var swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, rows[i - 2][j - 2] + 1) : best;
  }
}
