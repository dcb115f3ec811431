package dev.widemesh.router;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;

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
}
