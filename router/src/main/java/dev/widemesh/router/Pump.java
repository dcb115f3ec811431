package dev.widemesh.router;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.function.Predicate;

/// Moves bytes from one side to the other, no faster than they are taken. `onBytes` sees each piece
/// first and may refuse it. The end of the source is the caller's business.
record Pump(ReadStream<Buffer> from, WriteStream<Buffer> to, Predicate<Buffer> onBytes) {
  void start() {
    from.handler(this::move);
    from.resume();
  }

  private void move(Buffer piece) {
    if (!onBytes.test(piece)) {
      return;
    }
    to.write(piece);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(_ -> from.resume());
    }
  }
}
