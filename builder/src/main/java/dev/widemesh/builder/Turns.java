package dev.widemesh.builder;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.Diagnosis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Of one stack one build at a time: its cache is one, and so is what the engine has of it.
///
/// The controller hands out a stack's next build when the one before it ended, was cancelled, or
/// its lease ran out. So whoever still builds then is stopped, and waited for.
final class Turns {
  private static final Logger log = LoggerFactory.getLogger(Turns.class);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Turn> turns = new ArrayList<>();

  final class Turn implements AutoCloseable {
    private final String stack;
    private final Cancellation cancellation;

    private Turn(String stack, Cancellation cancellation) {
      this.stack = stack;
      this.cancellation = cancellation;
    }

    private void stop() {
      try {
        cancellation.cancel();
      } catch (RuntimeException e) {
        log.warn("an older build of {} does not stop: {}", stack, e.toString());
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        turns.remove(this);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /// Held until it is closed. Whoever is cancelled does not wait on.
  Turn take(String stack, Cancellation cancellation) throws InterruptedException, BuildRefused {
    var turn = new Turn(stack, cancellation);
    var taken = false;
    try {
      before(turn).forEach(Turn::stop);
      cancellation.onCancel(this::wake);
      await(turn);
      taken = true;
      return turn;
    } finally {
      if (!taken) {
        turn.close();
      }
    }
  }

  private List<Turn> before(Turn turn) {
    lock.lock();
    try {
      var before = turns.stream().filter(other -> other.stack.equals(turn.stack)).toList();
      turns.add(turn);
      return before;
    } finally {
      lock.unlock();
    }
  }

  private void await(Turn turn) throws InterruptedException, BuildRefused {
    lock.lockInterruptibly();
    try {
      var left = PATIENCE.toNanos();
      while (!isFirst(turn) && !turn.cancellation.came() && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (turn.cancellation.came()) {
        throw BuildRefused.because("the build was stopped", "push again");
      }
      if (!isFirst(turn)) {
        throw new BuildRefused(
            new Diagnosis.Platform(
                "the build before this one does not end",
                List.of(),
                "look at the builder's log, then push again"));
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isFirst(Turn turn) {
    return turns.stream().filter(other -> other.stack.equals(turn.stack)).findFirst().orElseThrow()
        == turn;
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
