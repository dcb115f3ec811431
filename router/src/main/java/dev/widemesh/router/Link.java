package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.Http1xClientConnection;
import io.vertx.core.net.NetSocket;
import java.time.Duration;

/// One connection to an instance. `used` tells whether a request went over it before: then it may
/// have been closed from the other side without our knowing yet.
final class Link {
  /// An instance that does not read gets so long for what it was sent.
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final HttpClientConnection connection;
  private final HttpConnection real;
  private final Wire wire;
  private final Gate gate;
  private long restingSince;
  private boolean used;
  private boolean closing;

  Link(HttpClientConnection connection) {
    this.connection = connection;
    // What Vert.x hands out is a shell; its setters return the connection itself.
    this.real = connection.exceptionHandler(_ -> {});
    this.wire = Wire.of(real);
    this.gate = Gate.on(wire);
  }

  HttpClientConnection connection() {
    return connection;
  }

  Wire wire() {
    return wire;
  }

  Gate gate() {
    return gate;
  }

  boolean used() {
    return used;
  }

  long restingSince() {
    return restingSince;
  }

  /// Whether another request may go over it: not where more came than was asked for.
  boolean rest() {
    restingSince = System.nanoTime();
    used = true;
    return gate.rest();
  }

  void onEnd(Runnable action) {
    wire.onEnd(action);
  }

  /// What it is once the instance agreed to speak another protocol: its answer is being read, and
  /// the bytes after that are for the socket. Nothing comes before the gate opens.
  NetSocket upgrade() {
    if (!(real instanceof Http1xClientConnection http)) {
      throw new IllegalStateException("not HTTP/1.1 but " + real.getClass());
    }
    gate.shut();
    var socket = http.toNetSocket();
    gate.follow();
    return socket;
  }

  /// What came is still for its taker.
  void hangUp() {
    if (!closing) {
      closing = true;
      wire.hangUp(FAREWELL);
    }
  }

  void close() {
    gate.drop();
    hangUp();
  }

  /// The instance shall not take this for a usual end, once `written` and then taken.
  void reset(Future<?> written) {
    closing = true;
    wire.reset(written, FAREWELL);
  }
}
