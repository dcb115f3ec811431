package dev.widemesh.rack;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Lines as they come, for one reader. One who reads slowly loses lines, and is told so; nobody
/// waits for it.
final class LogSubscription implements AutoCloseable {
  private static final int MOST = 10_000;
  private static final long MOST_LETTERS = 4_000_000;

  /// Wakes a reader that waits.
  private static final LogRecord END =
      new LogRecord("", java.time.Instant.EPOCH, "", "", "", "", "");

  private final BlockingQueue<LogRecord> lines = new ArrayBlockingQueue<>(MOST);
  private final AtomicLong letters = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Consumer<LogSubscription> onClose;
  private volatile boolean ended;

  LogSubscription(Consumer<LogSubscription> onClose) {
    this.onClose = onClose;
  }

  void offer(LogRecord line) {
    var length = line.text().length();
    if (letters.addAndGet(length) > MOST_LETTERS || !lines.offer(line)) {
      letters.addAndGet(-length);
      dropped.incrementAndGet();
    }
  }

  Optional<LogRecord> next(Duration wait) throws InterruptedException {
    var line = lines.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    if (line == null || line.equals(END)) {
      return Optional.empty();
    }
    letters.addAndGet(-line.text().length());
    return Optional.of(line);
  }

  long dropped() {
    return dropped.getAndSet(0);
  }

  /// Nothing comes any more.
  void end() {
    ended = true;
    var _ = lines.offer(END);
  }

  boolean isEnded() {
    return ended && lines.isEmpty();
  }

  @Override
  public void close() {
    end();
    onClose.accept(this);
  }
}
