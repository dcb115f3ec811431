package dev.widemesh.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Values as people read them.
final class Shown {
  private Shown() {}

  /// What is not there is a dash.
  static String orDash(@Nullable Object value) {
    return value == null || value.toString().isEmpty() ? "-" : value.toString();
  }

  static String age(Instant since, Instant now) {
    return duration(Duration.between(since, now));
  }

  /// The two largest units at most: `3d4h`, `12m5s`, `0.4s`.
  static String duration(Duration time) {
    var seconds = Math.max(0, time.toSeconds());
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1fs", Math.max(0, time.toMillis()) / 1000.0);
    }
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m" + seconds % 60 + "s";
    }
    return seconds < 86_400
        ? seconds / 3600 + "h" + seconds % 3600 / 60 + "m"
        : seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
  }

  /// MB are 10^6 bytes.
  static String bytes(long bytes) {
    if (bytes < 1_000_000_000) {
      return bytes / 1_000_000 + "m";
    }
    return bytes % 1_000_000_000 == 0
        ? bytes / 1_000_000_000 + "g"
        : String.format(Locale.ROOT, "%.1fg", bytes / 1e9);
  }

  static String cpus(double cpus) {
    return String.format(Locale.ROOT, "%.2f", cpus);
  }

  static String commit(@Nullable String commit) {
    return commit == null ? "-" : commit.substring(0, Math.min(8, commit.length()));
  }

  /// The first line only.
  static String line(@Nullable String text) {
    return text == null || text.isBlank() ? "-" : text.strip().lines().findFirst().orElse("-");
  }
}
