package dev.widemesh.rack;

import java.time.Instant;
import java.util.Comparator;

/// One container as Docker showed it.
record Seen(String container, String name, Labels labels, String address, Phase phase) {
  sealed interface Phase {
    /// Made, never started: we, or the machine, stopped in between.
    record Created() implements Phase {}

    /// `pid` is its first process as the host counts.
    record Running(Instant since, long pid) implements Phase {}

    record Ended(Instant since, Instant at, int exitCode, boolean outOfMemory) implements Phase {}
  }

  boolean isRunning() {
    return phase instanceof Phase.Running;
  }

  /// The running before the made, the ended last.
  static Comparator<Seen> liveliest() {
    return Comparator.comparingInt(Seen::rank).thenComparing(Seen::name);
  }

  private static int rank(Seen seen) {
    return switch (seen.phase()) {
      case Phase.Running _ -> 0;
      case Phase.Created _ -> 1;
      case Phase.Ended _ -> 2;
    };
  }
}
