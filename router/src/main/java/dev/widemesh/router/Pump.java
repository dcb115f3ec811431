package dev.widemesh.router;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.function.Predicate;

/// Moves bytes from one side to the other, no faster than they are taken. `onBytes` sees each piece
/// first and may refuse it. The end of the source is the caller's business.
final class Pump {
  private final ReadStream<Buffer> from;
  private final Valve valve;
  private final WriteStream<Buffer> to;
  private final Predicate<Buffer> onBytes;
  private final Flow flow;
  private boolean stopped;

  /// Hears when the taker does not keep up, and when it does again.
  interface Flow {
    Flow NOBODY = _ -> {};

    void stopped(boolean stopped);
  }

  Pump(
      ReadStream<Buffer> from,
      Valve valve,
      WriteStream<Buffer> to,
      Predicate<Buffer> onBytes,
      Flow flow) {
    this.from = from;
    this.valve = valve;
    this.to = to;
    this.onBytes = onBytes;
    this.flow = flow;
  }

  void start() {
    from.handler(this::move);
    valve.open();
  }

  boolean isStopped() {
    return stopped;
  }

  private void move(Buffer piece) {
    if (!onBytes.test(piece)) {
      return;
    }
    to.write(piece);
    if (to.writeQueueFull()) {
      valve.shut();
      stop(true);
      to.drainHandler(_ -> goOn());
    }
  }

  private void goOn() {
    stop(false);
    valve.open();
  }

  private void stop(boolean now) {
    if (stopped != now) {
      stopped = now;
      flow.stopped(now);
    }
  }
}
