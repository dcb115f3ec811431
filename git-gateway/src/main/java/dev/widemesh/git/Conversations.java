package dev.widemesh.git;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// All commands that run, so that a stop can wait for their last words.
final class Conversations {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<ClientCommand> running = new HashSet<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  AtomicBoolean stopping() {
    return stopping;
  }

  void begin(ClientCommand command) {
    lock.lock();
    try {
      running.add(command);
    } finally {
      lock.unlock();
    }
  }

  void end(ClientCommand command) {
    lock.lock();
    try {
      running.remove(command);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void stop(Duration limit) {
    stopping.set(true);
    lock.lock();
    try {
      var left = limit.toNanos();
      while (!running.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
