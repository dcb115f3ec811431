package dev.widemesh.git;

import java.time.Duration;
import java.util.Optional;

/// Who may move an LFS file now, one way: git-lfs moves eight at once, and whoever waits among them
/// waits for as long as those before them may take.
record LfsTurns(Turns turns, Duration patience) {
  private static final Duration LOOK = Duration.ofSeconds(1);

  static LfsTurns of(PushLimits limits) {
    return new LfsTurns(new Turns(12, 3, LOOK), limits.pace().whole());
  }

  /// Empty when there was none for all that time, and when nobody waits for it any more.
  Optional<Turns.Turn> take(String account, Conversation conversation) throws InterruptedException {
    var start = System.nanoTime();
    while (!conversation.isOver() && !conversation.stopping().get()) {
      try {
        return Optional.of(turns.take(account));
      } catch (Refused _) {
        if (System.nanoTime() - start >= patience.toNanos()) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
