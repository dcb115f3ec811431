package dev.widemesh.router;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/// One event loop, with its own client: both connections of an exchange live on one thread.
final class Lane extends VerticleBase {
  private static final long TICK_MILLIS = 250;

  private final int number;
  private final Set<Watched> watched = new HashSet<>();
  private final Set<Runnable> held = new HashSet<>();
  private final int lanes;

  /// Visitors of whom nothing is being served, whoever waits longest first.
  private final Set<Visitor> waiting = new LinkedHashSet<>();

  /// Whose clients do not read what is there for them, longest first.
  private final Set<Laggard> laggards = new LinkedHashSet<>();

  private final Promise<Void> left = Promise.promise();

  private long heads;
  private boolean leaving;
  private HttpClientAgent client;

  Lane(int number, int lanes, Vertx vertx) {
    this.number = number;
    this.lanes = lanes;
    this.client = vertx.createHttpClient(options());
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(TICK_MILLIS, _ -> tick());
    return Future.succeededFuture();
  }

  private static HttpClientOptions options() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_1_1)
        .setConnectTimeout(5_000)
        .setKeepAlive(true)
        .setKeepAliveTimeout(0)
        .setTcpNoDelay(true)
        .setMaxHeaderSize(64 * 1024)
        .setMaxInitialLineLength(16 * 1024)
        .setDecompressionSupported(false);
  }

  int number() {
    return number;
  }

  Vertx vertx() {
    return vertx;
  }

  Context context() {
    return context;
  }

  HttpClientAgent client() {
    return client;
  }

  void run(Runnable action) {
    context.runOnContext(_ -> action.run());
  }

  void watch(Watched one) {
    watched.add(one);
  }

  void forget(Watched one) {
    watched.remove(one);
    if (leaving && watched.isEmpty()) {
      left.tryComplete();
    }
  }

  boolean leaving() {
    return leaving;
  }

  /// Sends every client elsewhere for its next request; done when the last one went.
  Future<Void> leave() {
    run(
        () -> {
          leaving = true;
          new ArrayList<>(watched).forEach(Watched::sendOn);
          if (watched.isEmpty()) {
            left.tryComplete();
          }
        });
    return left.future();
  }

  /// Called again whenever an instance may have become ready, until released.
  void hold(Runnable again) {
    held.add(again);
  }

  void release(Runnable again) {
    held.remove(again);
  }

  int visitors() {
    return watched.size();
  }

  /// Each may have sent nearly a whole head, which stays in memory: when there are too many,
  /// whoever waits longest has to go, so that a flood pushes out itself and no newcomer.
  void waits(Visitor visitor) {
    waiting.add(visitor);
    if (waiting.size() > Settings.WAITING / lanes) {
      var longest = waiting.iterator().next();
      waiting.remove(longest);
      longest.giveWay();
    }
  }

  void waitsNoMore(Visitor visitor) {
    waiting.remove(visitor);
  }

  /// What a client does not read stays in memory: when there are too many of them, whoever stands
  /// still for longest is cut off.
  void lags(Laggard one, boolean lagging, int most) {
    if (!lagging) {
      laggards.remove(one);
    } else if (laggards.add(one) && laggards.size() > most / lanes) {
      var longest = laggards.iterator().next();
      laggards.remove(longest);
      longest.cut();
    }
  }

  /// Whether there is memory for one more head; it must be given back then.
  boolean takeHead(long letters) {
    if (heads + letters > Settings.HEADS / lanes) {
      return false;
    }
    heads += letters;
    return true;
  }

  void giveHead(long letters) {
    heads -= letters;
  }

  /// From any thread.
  void wake() {
    run(() -> new ArrayList<>(held).forEach(Runnable::run));
  }

  private void tick() {
    var now = System.nanoTime();
    new ArrayList<>(watched).forEach(one -> one.tick(now));
  }

  /// An answer whose client does not keep up.
  interface Laggard {
    void cut();
  }

  /// Something with a deadline, looked at four times a second on its lane.
  interface Watched {
    void tick(long now);

    /// This router takes no more connections: another one does.
    default void sendOn() {}
  }
}
