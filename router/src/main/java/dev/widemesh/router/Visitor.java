package dev.widemesh.router;

import io.vertx.core.http.HttpConnection;

/// A client's connection between its requests: it may not linger for ever.
final class Visitor implements Lane.Watched {
  private final Lane lane;
  private final HttpConnection connection;
  private final Settings settings;
  private boolean first = true;
  private boolean last;
  private boolean gone;
  private int active;
  private long since = System.nanoTime();

  Visitor(Lane lane, HttpConnection connection, Settings settings) {
    this.lane = lane;
    this.connection = connection;
    this.settings = settings;
  }

  void begin() {
    first = false;
    if (active++ == 0) {
      lane.waitsNoMore(this);
    }
  }

  void end() {
    since = System.nanoTime();
    if (--active == 0 && !gone) {
      lane.waits(this);
    }
  }

  void came() {
    lane.watch(this);
    lane.waits(this);
  }

  void went() {
    gone = true;
    lane.forget(this);
    lane.waitsNoMore(this);
  }

  void close() {
    connection.close();
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
