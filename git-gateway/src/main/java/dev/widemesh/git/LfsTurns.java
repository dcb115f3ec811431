package dev.widemesh.git;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Who may move an LFS file now, one way: git-lfs moves eight at once, and whoever waits among them
/// waits for as long as those before them may take.
final class LfsTurns {
  private static final Duration LOOK = Duration.ofSeconds(1);
  // Between two requests git-lfs may look through a whole history, once for each branch and tag.
  private static final Duration IDLE = Duration.ofMinutes(30);

  private final Turns turns;
  private final Duration patience;
  private final Duration idle;
  // One per account that used git-lfs since the start; they are small and are kept.
  private final ConcurrentHashMap<String, LfsWork> work = new ConcurrentHashMap<>();

  /// `patience` is how long one waits for a turn, `idle` how long a connection may ask for nothing
  /// while no other of its account is at work.
  LfsTurns(Turns turns, Duration patience, Duration idle) {
    this.turns = turns;
    this.patience = patience;
    this.idle = idle;
  }

  static LfsTurns of(PushLimits limits) {
    return new LfsTurns(new Turns(12, 3, LOOK), limits.pace().whole(), IDLE);
  }

  /// Whether a connection has asked for nothing for too long, since that time of [System#nanoTime].
  boolean isIdle(String account, long since) {
    return work(account).idle(since) >= idle.toNanos();
  }

  private LfsWork work(String account) {
    return work.computeIfAbsent(account, _ -> new LfsWork());
  }

  /// Empty when there was none for all that time, and when nobody waits for it any more.
  Optional<Turns.Turn> take(String account, Conversation conversation) throws InterruptedException {
    var work = work(account);
    work.begin();
    var taken = Optional.<Turns.Turn>empty();
    try {
      taken = await(account, conversation);
      return taken.map(turn -> both(turn, work));
    } finally {
      if (taken.isEmpty()) {
        work.end();
      }
    }
  }

  private static Turns.Turn both(Turns.Turn turn, LfsWork work) {
    return () -> {
      turn.close();
      work.end();
    };
  }

  private Optional<Turns.Turn> await(String account, Conversation conversation)
      throws InterruptedException {
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
