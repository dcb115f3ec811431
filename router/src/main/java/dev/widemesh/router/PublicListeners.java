package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listeners that everybody may use, on both address families where the host has both.
final class PublicListeners {
  private static final Logger log = LoggerFactory.getLogger(PublicListeners.class);
  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "*");

  private final List<Lane> lanes;
  private final Tables tables;
  private final RouterConfig config;
  private final Settings settings;
  private final List<Listener> open = new ArrayList<>();
  private volatile int http;
  private volatile int https;

  PublicListeners(List<Lane> lanes, Tables tables, RouterConfig config, Settings settings) {
    this.lanes = lanes;
    this.tables = tables;
    this.config = config;
    this.settings = settings;
  }

  static boolean shared(RouterConfig config, Settings settings) {
    return WILDCARDS.contains(config.listen()) && config.httpPort() == settings.insideHttp();
  }

  Future<Void> open() {
    var plain = new Door.Public(false, shared(config, settings));
    var secure = new Door.Public(true, false);
    var tls = Listener.secure(tables.certificates());
    return open(plain, Listener.plain(), config.httpPort(), 1)
        .onSuccess(listener -> http = listener.port())
        .compose(_ -> open(secure, tls, config.httpsPort(), 2))
        .onSuccess(listener -> https = listener.port())
        .compose(_ -> alsoLoopback(plain, secure, tls));
  }

  private Future<Listener> open(Door door, HttpServerOptions options, int port, int slot) {
    if (!WILDCARDS.contains(config.listen())) {
      return open(door, options, config.listen(), port, slot);
    }
    // The IPv6 wildcard takes IPv4 as well; without IPv6 it cannot be bound.
    return open(door, options, "::", port, slot)
        .recover(_ -> open(door, options, "0.0.0.0", port, slot + 2));
  }

  private Future<Listener> open(
      Door door, HttpServerOptions options, String host, int port, int slot) {
    return Listener.open(lanes, lane -> tables.reception(lane, door), options, host, port, slot)
        .onSuccess(this::add);
  }

  private synchronized void add(Listener listener) {
    open.add(listener);
  }

  /// `*.localhost` may mean either loopback address.
  private Future<Void> alsoLoopback(Door plain, Door secure, HttpServerOptions tls) {
    if (!config.listen().equals("127.0.0.1")) {
      return Future.succeededFuture();
    }
    return open(plain, Listener.plain(), "::1", http, 0)
        .compose(_ -> open(secure, tls, "::1", https, 0))
        .<Void>mapEmpty()
        .recover(
            why -> {
              log.info("not on ::1: {}", why.getMessage());
              return Future.succeededFuture();
            });
  }

  int http() {
    return http;
  }

  int https() {
    return https;
  }

  synchronized Future<Void> shutdown() {
    return Future.join(open.stream().map(l -> l.shutdown(settings.drain())).toList()).mapEmpty();
  }
}
