package dev.widemesh.builder.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// When a build must have ended.
record Deadline(InstantSource clock, Instant at, Duration limit) {
  static Deadline in(Duration limit, InstantSource clock) {
    return new Deadline(clock, clock.instant().plus(limit), limit);
  }

  /// At least a millisecond, so that what is late fails by itself.
  Duration left() {
    var left = Duration.between(clock.instant(), at);
    return left.isPositive() ? left : Duration.ofMillis(1);
  }
}
