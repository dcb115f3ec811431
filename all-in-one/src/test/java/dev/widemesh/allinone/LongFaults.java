package dev.widemesh.allinone;

import java.time.Duration;

/// How long a fault lasts that nothing ends: a short time, which shows the same, or as long as the
/// promise says.
final class LongFaults {
  private static final String VARIABLE = "LONG_FAULTS";

  private LongFaults() {}

  static Duration lasting(Duration shortly, int minutes) {
    return System.getenv(VARIABLE) == null ? shortly : Duration.ofMinutes(minutes);
  }
}
