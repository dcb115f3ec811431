package dev.widemesh.controller;

import java.time.Instant;

/// What the builder found of an image that a rack refused as not signed.
sealed interface SignatureLook {
  /// It did not answer yet.
  record Asked(Instant at) implements SignatureLook {}

  /// It is signed since then: the rack tries again.
  record Signed(Instant at) implements SignatureLook {}

  /// Nothing says that it is ours.
  record Unknown() implements SignatureLook {}

  /// It cannot be read, or signed, for now; asked again. `from` the first time, `at` the last.
  record Stuck(Instant from, Instant at, String why) implements SignatureLook {}
}
