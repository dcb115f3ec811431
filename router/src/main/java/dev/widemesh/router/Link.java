package dev.widemesh.router;

import io.vertx.core.http.HttpClientConnection;

/// One connection to an instance. `used` tells whether a request went over it before: then it may
/// have been closed from the other side without our knowing yet.
final class Link {
  private final HttpClientConnection connection;
  private long restingSince;
  private boolean used;

  Link(HttpClientConnection connection) {
    this.connection = connection;
  }

  HttpClientConnection connection() {
    return connection;
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

  void close() {
    connection.close();
  }
}
