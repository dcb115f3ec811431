package dev.widemesh.allinone;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/// Waits until something is so, and fails with words at a deadline.
final class Await {
  private Await() {}

  static void until(String what, Duration limit, Callable<Boolean> so) {
    var deadline = Instant.now().plus(limit);
    Exception last = null;
    while (Instant.now().isBefore(deadline)) {
      try {
        if (so.call()) {
          return;
        }
        last = null;
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(Duration.ofMillis(25).toNanos());
    }
    throw new AssertionError("not within " + limit.toSeconds() + " s: " + what, last);
  }
}
