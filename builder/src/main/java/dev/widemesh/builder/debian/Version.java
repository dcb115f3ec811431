package dev.widemesh.builder.debian;

/// Compares version numbers as Debian does: `[epoch:]upstream[-revision]`, `~` before the end.
record Version(String text) implements Comparable<Version> {
  @Override
  public int compareTo(Version other) {
    var epochs = Long.compare(epoch(), other.epoch());
    if (epochs != 0) {
      return epochs;
    }
    var upstreams = compare(upstream(), other.upstream());
    return upstreams != 0 ? upstreams : compare(revision(), other.revision());
  }

  private long epoch() {
    var colon = text.indexOf(':');
    return colon < 0 ? 0 : Long.parseLong(text.substring(0, colon));
  }

  private String withoutEpoch() {
    return text.substring(text.indexOf(':') + 1);
  }

  private String upstream() {
    var rest = withoutEpoch();
    var dash = rest.lastIndexOf('-');
    return dash < 0 ? rest : rest.substring(0, dash);
  }

  private String revision() {
    var rest = withoutEpoch();
    var dash = rest.lastIndexOf('-');
    return dash < 0 ? "0" : rest.substring(dash + 1);
  }

  /// Pieces without digits and numbers take turns.
  private static int compare(String a, String b) {
    var i = 0;
    var j = 0;
    while (i < a.length() || j < b.length()) {
      while (isWord(a, i) || isWord(b, j)) {
        var difference = weight(a, i) - weight(b, j);
        if (difference != 0) {
          return difference;
        }
        i++;
        j++;
      }
      var endA = endOfNumber(a, i);
      var endB = endOfNumber(b, j);
      var difference = Long.compare(number(a, i, endA), number(b, j, endB));
      if (difference != 0) {
        return difference;
      }
      i = endA;
      j = endB;
    }
    return 0;
  }

  private static boolean isWord(String text, int at) {
    return at < text.length() && !isDigit(text.charAt(at));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int weight(String text, int at) {
    if (!isWord(text, at)) {
      return 0;
    }
    var c = text.charAt(at);
    if (c == '~') {
      return -1;
    }
    return Character.isLetter(c) ? c : c + 256;
  }

  private static int endOfNumber(String text, int from) {
    var end = from;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static long number(String text, int from, int to) {
    return from >= to ? 0 : Long.parseLong(text, from, Math.min(to, from + 18), 10);
  }
}
