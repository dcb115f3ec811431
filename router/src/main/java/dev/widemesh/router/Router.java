package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends each request to a live instance: public ones by host name and path, those from inside an
/// environment by service name. Pulls its table from the rack-runner, and serves by the last one
/// when nobody else is there.
public final class Router implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final int MOST_LANES = 8;

  private final Vertx vertx;
  private final List<Lane> lanes;
  private final Tables tables;
  private final PublicListeners listeners;
  private final Settings settings;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Router(
      Vertx vertx, List<Lane> lanes, Tables tables, PublicListeners listeners, Settings settings) {
    this.vertx = vertx;
    this.lanes = lanes;
    this.tables = tables;
    this.listeners = listeners;
    this.settings = settings;
  }

  /// Serves by the last table when it returns, and asks for a newer one.
  public static Router start(RouterConfig config) {
    return start(config, Settings.DEFAULT);
  }

  static Router start(RouterConfig config, Settings settings) {
    migrateWhatWaits();
    // Beside Vert.x's own start, on another processor: whoever has no table serves nobody.
    var last = new Snapshot(config.data()).read();
    var count = Math.min(MOST_LANES, Runtime.getRuntime().availableProcessors());
    var vertx = Vertx.vertx(options(count));
    try {
      var lanes = lanes(vertx, count);
      var tables = Tables.open(vertx, lanes, config, settings);
      await(tables.begin(last.join()), START);
      var listeners = new PublicListeners(lanes, tables, config, settings);
      await(listeners.open(), START);
      log.info(
          "router listens on {}, ports {} and {}",
          config.listen(),
          listeners.http(),
          listeners.https());
      return new Router(vertx, lanes, tables, listeners, settings);
    } catch (RuntimeException e) {
      await(vertx.close(), START);
      throw e;
    }
  }

  private static void migrateWhatWaits() {
    try {
      ListeningSockets.migrateWhatWaits();
    } catch (IOException e) {
      log.info("a restart may reset a connection that waits to be taken: {}", e.getMessage());
    }
  }

  private static VertxOptions options(int lanes) {
    return new VertxOptions()
        .setPreferNativeTransport(true)
        .setEventLoopPoolSize(lanes)
        .setWorkerPoolSize(2)
        .setInternalBlockingPoolSize(2);
  }

  private static List<Lane> lanes(Vertx vertx, int count) {
    var lanes = new ArrayList<Lane>();
    for (var number = 0; number < count; number++) {
      var lane = new Lane(number, count, vertx);
      await(vertx.deployVerticle(lane), START);
      lanes.add(lane);
    }
    return List.copyOf(lanes);
  }

  static <T> T await(Future<T> future, Duration limit) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the router cannot start: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the router did not start or stop in time", e);
    }
  }

  public int port() {
    return listeners.http();
  }

  public int httpsPort() {
    return listeners.https();
  }

  /// To be called when another router listens on the same ports: takes no more connections, sends
  /// the clients there with their next response, and ends when the last one went, at the latest
  /// after half a minute. No request is lost.
  public void handOver() {
    try {
      ListeningSockets.stop();
      await(Future.join(lanes.stream().map(Lane::leave).toList()), settings.drain());
    } catch (IOException | IllegalStateException e) {
      log.info("some connections stayed to the end: {}", e.getMessage());
    }
    close();
  }

  /// Takes nothing new, lets what is under way finish for half a minute, and ends.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    var limit = settings.drain().plusSeconds(5);
    settle(Future.join(listeners.shutdown(), tables.shutdown()), limit);
    settle(tables.farewell(), FAREWELL);
    await(vertx.close(), Duration.ofSeconds(10));
  }

  private static void settle(Future<?> future, Duration limit) {
    try {
      await(future, limit);
    } catch (IllegalStateException e) {
      log.warn("not everything finished in time: {}", e.getMessage());
    }
  }
}
