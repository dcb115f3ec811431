package dev.widemesh.builder;

import java.time.Duration;

/// How long it takes until the signatures of what is kept are looked for again: soon while
/// something is left to be done, but not for ever because of one image. For one thread.
final class LookPause {
  /// At what a round looked.
  enum Looked {
    /// Nobody said what is kept, or that could not be written down: no try of any image.
    AT_NONE,
    /// Some could not be read or signed.
    AT_SOME,
    AT_ALL
  }

  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMinutes(10);

  /// So often an image that cannot be read or signed is tried soon: in some two minutes.
  private static final int TRIES = 10;

  private Duration next = FIRST;
  private int tries;

  Duration after(Looked looked) {
    return switch (looked) {
      case AT_NONE -> longer();
      case AT_SOME -> ++tries >= TRIES ? LOOK : longer();
      case AT_ALL -> {
        next = FIRST;
        tries = 0;
        yield LOOK;
      }
    };
  }

  /// Twice that of before.
  private Duration longer() {
    var pause = next;
    var twice = pause.multipliedBy(2);
    next = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    return pause;
  }
}
