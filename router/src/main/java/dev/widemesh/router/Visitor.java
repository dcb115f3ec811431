package dev.widemesh.router;

import io.vertx.core.http.HttpConnection;

/// A client's connection between its requests: it may not linger for ever.
final class Visitor implements Lane.Watched {
  private final HttpConnection connection;
  private final Settings settings;
  private boolean first = true;
  private boolean last;
  private int active;
  private long since = System.nanoTime();

  Visitor(HttpConnection connection, Settings settings) {
    this.connection = connection;
    this.settings = settings;
  }

  void begin() {
    first = false;
    active++;
  }

  void end() {
    active--;
    since = System.nanoTime();
  }

  /// Nobody knows what follows on this connection: nothing of it is served.
  void last() {
    last = true;
  }

  boolean isLast() {
    return last;
  }

  @Override
  public void tick(long now) {
    var limit = first ? settings.head() : settings.idle();
    if (active == 0 && now - since > limit.toNanos()) {
      connection.close();
    }
  }
}
