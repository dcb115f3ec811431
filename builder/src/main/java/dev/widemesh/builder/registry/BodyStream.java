package dev.widemesh.builder.registry;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A request's body, read by a thread that may block. Only a window of it is ever in memory: the
/// event loop is asked for the next piece when one was taken.
final class BodyStream extends InputStream {
  private static final int WINDOW = 16;
  private static final int SECONDS = 60;

  private sealed interface Piece {
    record Data(Buffer buffer) implements Piece {}

    record End() implements Piece {}

    record Broken(Throwable cause) implements Piece {}
  }

  private final LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private final HttpServerRequest request;
  private final Context context;
  private Buffer current = Buffer.buffer();
  private int position;
  private boolean ended;

  /// To be called on the event loop, before the request flows.
  BodyStream(HttpServerRequest request, Context context) {
    this.request = request;
    this.context = context;
    request.exceptionHandler(cause -> pieces.add(new Piece.Broken(cause)));
    request.endHandler(_ -> pieces.add(new Piece.End()));
    request.handler(buffer -> pieces.add(new Piece.Data(buffer)));
    request.pause();
    request.fetch(WINDOW);
  }

  @Override
  public int read() throws IOException {
    return ready() ? current.getUnsignedByte(position++) : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (!ready()) {
      return -1;
    }
    var count = Math.min(length, current.length() - position);
    current.getBytes(position, position + count, into, offset);
    position += count;
    return count;
  }

  private boolean ready() throws IOException {
    while (!ended && position >= current.length()) {
      switch (next()) {
        case Piece.Data(var buffer) -> {
          current = buffer;
          position = 0;
          context.runOnContext(_ -> more());
        }
        case Piece.End() -> ended = true;
        case Piece.Broken(var cause) -> throw new IOException("the client went away", cause);
      }
    }
    return !ended;
  }

  private void more() {
    if (!request.isEnded()) {
      request.fetch(1);
    }
  }

  private Piece next() throws IOException {
    try {
      var piece = pieces.poll(SECONDS, TimeUnit.SECONDS);
      if (piece == null) {
        throw new IOException("the client sent nothing for " + SECONDS + " s");
      }
      return piece;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
