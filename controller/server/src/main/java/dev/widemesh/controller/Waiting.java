package dev.widemesh.controller;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The one way to wait on the controller's context.
final class Waiting {
  private Waiting() {}

  /// The controller is being stopped.
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped(Throwable cause) {
      super("the controller stops", cause);
    }
  }

  // Not `await(timeout)`: when that one times out it does not take its turn on the context again,
  // and the next wait of the same thread is refused.
  static <T> T await(Future<T> future, Duration atMost) throws TimeoutException {
    try {
      return future.timeout(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS).await();
    } catch (Exception e) {
      throw stopped(e);
    }
  }

  // What Vert.x throws is not declared, and may be checked.
  private static TimeoutException stopped(Exception e) {
    return switch ((Throwable) e) {
      case TimeoutException late -> late;
      case InterruptedException stop -> throw new Stopped(stop);
      case java.util.concurrent.CancellationException stop -> throw new Stopped(stop);
      case RuntimeException ours -> throw ours;
      default -> throw new IllegalStateException(e);
    };
  }
}
