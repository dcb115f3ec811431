package dev.widemesh.router;

import io.vertx.core.http.HttpClientConnection;
import java.time.Duration;

/// One connection to an instance. `used` tells whether a request went over it before: then it may
/// have been closed from the other side without our knowing yet.
final class Link {
  /// An instance that does not read gets so long for what it was sent.
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final HttpClientConnection connection;
  private final Wire wire;
  private final Gate gate;
  private long restingSince;
  private boolean used;

  Link(HttpClientConnection connection) {
    this.connection = connection;
    // What Vert.x hands out is a shell; its setters return the connection itself.
    this.wire = Wire.of(connection.exceptionHandler(_ -> {}));
    this.gate = Gate.on(wire);
  }

  HttpClientConnection connection() {
    return connection;
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

  void rest() {
    restingSince = System.nanoTime();
    used = true;
  }

  void onEnd(Runnable action) {
    wire.onEnd(action);
  }

  /// What came is still for its taker.
  void hangUp() {
    wire.hangUp(FAREWELL);
  }

  void close() {
    gate.drop();
    hangUp();
  }
}
