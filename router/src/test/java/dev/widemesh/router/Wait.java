package dev.widemesh.router;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Waits with a deadline.
final class Wait {
  private Wait() {}

  static <T> T done(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static void until(String what, BooleanSupplier so) throws InterruptedException {
    var end = System.nanoTime() + 20_000_000_000L;
    while (!so.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("never: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
