package dev.widemesh.rack;

import java.time.Instant;

/// How far a container is on its way out.
sealed interface Leaving {
  /// Not wanted, but its successors are not ready: it keeps its traffic.
  record Held(Instant since) implements Leaving {}

  /// `revision` is the first route table that says so; 0 while none does.
  record Draining(Instant since, long revision) implements Leaving {}

  /// It was told to end. `kills` counts how often it was killed.
  record Stopping(Instant since, int kills) implements Leaving {}
}
