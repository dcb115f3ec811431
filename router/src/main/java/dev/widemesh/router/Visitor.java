package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/// A client's connection between its requests: it may not linger for ever.
final class Visitor implements Lane.Watched {
  private static final long FAREWELL_MILLIS = 1_000;

  /// For what one that has to go at once was still to take: the kernel holds it, not we. A lost
  /// packet or two are no reason.
  private static final Duration PUSH = Duration.ofSeconds(5);

  private final Lane lane;
  private final HttpConnection connection;
  private final Wire wire;
  private final Settings settings;
  private final Lane.Laggard slow = this::cutShort;
  private final Set<Lane.Laggard> behind = new LinkedHashSet<>();
  private boolean first = true;
  private boolean http2;
  private boolean last;
  private boolean closing;
  private boolean broken;
  private boolean gone;
  private int active;
  private long since = System.nanoTime();

  Visitor(Lane lane, HttpConnection connection, Settings settings) {
    this.lane = lane;
    this.connection = connection;
    this.wire = Wire.of(connection);
    this.settings = settings;
  }

  void begin(boolean http2) {
    first = false;
    this.http2 = http2;
    if (lane.leaving() && http2) {
      sendOn();
    }
    if (active++ == 0) {
      lane.waitsNoMore(this);
    }
  }

  void end() {
    since = System.nanoTime();
    if (--active == 0 && !gone) {
      lane.waits(this);
      if (lane.leaving()) {
        // The client was told; it may take the last answer first.
        lane.vertx().setTimer(FAREWELL_MILLIS, _ -> closeIfIdle());
      }
    }
  }

  /// `left` runs when it went.
  void came(Runnable left) {
    lane.watch(this);
    lane.waits(this);
    wire.onEnd(
        () -> {
          went();
          left.run();
        });
  }

  private void went() {
    gone = true;
    lane.forget(this);
    lane.waitsNoMore(this);
  }

  /// However many answers it has still to take, one after the other, it is one that does not keep
  /// up.
  void lags(Lane.Laggard answer, boolean lagging) {
    if (lagging) {
      behind.add(answer);
    } else {
      behind.remove(answer);
    }
    lane.lags(slow, !behind.isEmpty() && !closing, settings.laggards());
  }

  private void cutShort() {
    behind.stream().findFirst().ifPresent(Lane.Laggard::cut);
  }

  /// How many bytes it has taken, of whatever was written for it.
  long taken() {
    return wire.taken();
  }

  /// It may still take what was written for it, but not for ever.
  void close() {
    if (!closing) {
      closing = true;
      wire.hangUp(settings.drain());
    }
  }

  /// It may take what was written for it, and then hears that this was not all.
  void reset(Future<?> written) {
    if (!closing) {
      closing = true;
      broken = true;
      wire.reset(written, settings.drain());
    }
  }

  /// Others need its place.
  void giveWay() {
    closing = true;
    if (!broken) {
      wire.hangUp(PUSH);
    }
  }

  /// What it did not take is dropped.
  void cut() {
    closing = true;
    wire.cut();
  }

  /// What is under way goes on, and the client makes its next request on another connection: over
  /// HTTP/2 it is told now (RFC 9113, 6.8), else with its next response.
  @Override
  public void sendOn() {
    if (http2) {
      connection.goAway(0);
      closeIfIdle();
    }
  }

  private void closeIfIdle() {
    if (active == 0 && !gone) {
      close();
    }
  }

  /// Nobody knows what follows on this connection: nothing of it is served.
  void last() {
    last = true;
  }

  boolean isLast() {
    return last || closing;
  }

  @Override
  public void tick(long now) {
    var limit = first ? settings.head() : settings.idle();
    if (active == 0 && now - since > limit.toNanos()) {
      close();
    }
  }
}
