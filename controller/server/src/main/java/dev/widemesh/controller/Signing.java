package dev.widemesh.controller;

import java.time.Instant;

/// How far the builder is with what it signs anew: all that was made before images were signed, or
/// with a key that is gone. `from` is when this controller began to ask, `over` when it heard that
/// it is.
sealed interface Signing {
  /// Or the builder did not say yet.
  record UnderWay(Instant from) implements Signing {}

  record Over(Instant from, Instant over) implements Signing {}
}
