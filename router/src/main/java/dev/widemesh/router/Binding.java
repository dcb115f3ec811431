package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Something that listens as soon as its address exists. Used on one event loop.
final class Binding {
  private static final Logger log = LoggerFactory.getLogger(Binding.class);
  private static final long RETRY_MILLIS = 250;

  /// An address may take that many attempts to appear before we complain.
  private static final int PATIENCE = 20;

  /// Stops what was opened.
  interface Closer {
    Future<Void> close();
  }

  private final Vertx vertx;
  private final String what;
  private final Supplier<Future<Closer>> open;
  private Optional<Closer> closer = Optional.empty();
  private boolean closed;
  private int failures;

  /// `open` answers how to close again.
  Binding(Vertx vertx, String what, Supplier<Future<Closer>> open) {
    this.vertx = vertx;
    this.what = what;
    this.open = open;
  }

  void start() {
    open.get().onComplete(this::opened, this::failed);
  }

  private void opened(Closer howToClose) {
    if (closed) {
      howToClose.close();
    } else {
      closer = Optional.of(howToClose);
      log.debug("{} listens", what);
    }
  }

  private void failed(Throwable why) {
    if (closed) {
      return;
    }
    if (++failures == PATIENCE) {
      log.warn(
          "{} cannot listen ({}): trying on; does another program hold the port?",
          what,
          why.getMessage());
    }
    vertx.setTimer(RETRY_MILLIS, _ -> retry());
  }

  private void retry() {
    if (!closed) {
      start();
    }
  }

  Future<Void> close() {
    closed = true;
    var howToClose = closer;
    closer = Optional.empty();
    return howToClose.map(Closer::close).orElseGet(Future::succeededFuture);
  }
}
