package dev.widemesh.rack;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// When a crashed instance is started again: at most 8 times in 10 minutes, 13 an hour after.
final class RestartPauses {
  private static final List<Integer> SECONDS = List.of(0, 1, 2, 5, 10, 20, 40, 60);
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final Duration LATER = Duration.ofSeconds(280);
  private static final Duration UNTIL_SIGNED = Duration.ofSeconds(5);

  private RestartPauses() {}

  /// `restarts` so far, oldest first, since it was last healthy.
  static Instant next(List<Instant> restarts, Instant ended) {
    var count = restarts.size();
    if (count < SECONDS.size()) {
      return ended.plusSeconds(SECONDS.get(count));
    }
    var windowOpens = restarts.get(count - SECONDS.size()).plus(WINDOW);
    var paused = ended.plus(LATER);
    return windowOpens.isAfter(paused) ? windowOpens : paused;
  }

  /// Where the image may be signed any moment: whoever waits for that waits little longer.
  static Duration untilSigned(int refusals) {
    var pause = afterRefusals(refusals);
    return pause.compareTo(UNTIL_SIGNED) < 0 ? pause : UNTIL_SIGNED;
  }

  /// After Docker or the registry refused it so many times in a row.
  static Duration afterRefusals(int refusals) {
    return Duration.ofSeconds(SECONDS.get(Math.clamp(refusals, 1, SECONDS.size() - 1)));
  }
}
