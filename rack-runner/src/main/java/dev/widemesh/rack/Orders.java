package dev.widemesh.rack;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the controller orders, carried out in its sequence and aside from its stream: a question or
/// a sign of life does not wait behind a disk or behind Docker.
final class Orders implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Orders.class);
  private static final int MOST_WAITING = 256;

  private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread = Thread.ofVirtual().name("orders").start(this::run);

  private void run() {
    try {
      while (true) {
        carryOut(waiting.take());
      }
    } catch (InterruptedException _) {
      log.debug("no more orders");
    }
  }

  private static void carryOut(Runnable order) {
    try {
      order.run();
    } catch (RuntimeException e) {
      log.error("an order of the controller cannot be carried out", e);
    }
  }

  /// Waits while too many wait. Interrupted, it gives up: the next stream brings all orders again.
  void give(Runnable order) {
    try {
      waiting.put(order);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Until all that were given before are carried out, or that long.
  void settle(Duration atMost) {
    var settled = new CountDownLatch(1);
    give(settled::countDown);
    try {
      if (!settled.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        log.debug("orders are behind");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
