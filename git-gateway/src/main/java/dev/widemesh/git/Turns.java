package dev.widemesh.git;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Who may read or write a pack now: each costs memory and a core, for as long as its client likes.
/// No account has so many turns that nothing is left for the others.
final class Turns {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Integer> taken = new HashMap<>();
  private final int most;
  private final int mostOfOne;
  private final Duration patience;
  private int all;

  Turns(int most, int mostOfOne, Duration patience) {
    this.most = most;
    this.mostOfOne = mostOfOne;
    this.patience = patience;
  }

  /// To be closed when the pack is done.
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  Turn take(String account) throws InterruptedException, Refused {
    var left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (all >= most || taken.getOrDefault(account, 0) >= mostOfOne) {
        if (left <= 0) {
          throw new Refused(
              "too many pushes and fetches are under way", "try again when some are done");
        }
        left = changed.awaitNanos(left);
      }
      all++;
      taken.merge(account, 1, Integer::sum);
      return () -> end(account);
    } finally {
      lock.unlock();
    }
  }

  private void end(String account) {
    lock.lock();
    try {
      all--;
      taken.computeIfPresent(account, (_, count) -> count == 1 ? null : count - 1);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
