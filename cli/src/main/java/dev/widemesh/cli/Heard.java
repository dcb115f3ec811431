package dev.widemesh.cli;

/// What came out of a stream within a given time.
sealed interface Heard {
  record Line(String text) implements Heard {}

  /// The other side is done, or gone.
  record End() implements Heard {}

  record Silence() implements Heard {}
}
