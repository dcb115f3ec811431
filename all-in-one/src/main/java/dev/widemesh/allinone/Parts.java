package dev.widemesh.allinone;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of one process, started in order and stopped in reverse.
final class Parts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Parts.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  synchronized <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  /// Stops them when the process is asked to end, and never returns before.
  void untilAsked() throws InterruptedException {
    HeapTrim.begin();
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "stop"));
    new java.util.concurrent.CountDownLatch(1).await();
  }

  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      var part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.warn("{} did not stop cleanly", part.getClass().getSimpleName(), e);
      }
    }
  }
}
