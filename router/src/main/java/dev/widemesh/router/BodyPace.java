package dev.widemesh.router;

import java.time.Duration;

/// How fast a request's body comes. Time in which nobody wanted more of it is not the client's.
final class BodyPace {
  private long waited;
  private long last = System.nanoTime();

  /// To be asked several times a second.
  boolean isTooSlow(long now, boolean wanted, long received, Duration grace) {
    if (wanted) {
      waited += now - last;
    }
    last = now;
    var seconds = Duration.ofNanos(waited).toSeconds();
    return wanted && waited > grace.toNanos() && received < seconds * Settings.SLOWEST_BODY;
  }
}
