package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.SSLEngineOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// One address that takes HTTP: a server on every lane, which share its socket.
final class Listener {
  private static final int STREAMS = 100;

  private static final List<String> SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final List<HttpServer> servers;

  private Listener(List<HttpServer> servers) {
    this.servers = servers;
  }

  /// A port of 0 takes a free one; `slot` keeps two such listeners apart.
  static Future<Listener> open(
      List<Lane> lanes,
      Function<Lane, Reception> reception,
      HttpServerOptions options,
      String host,
      int port,
      int slot) {
    var servers = new ArrayList<HttpServer>();
    Future<HttpServer> opened = Future.succeededFuture();
    for (var lane : lanes) {
      opened =
          opened
              .compose(
                  _ -> listen(lane, reception.apply(lane), options, host, port == 0 ? -slot : port))
              .onSuccess(servers::add);
    }
    var listener = new Listener(servers);
    return opened
        .map(listener)
        .recover(why -> listener.close().transform(_ -> Future.failedFuture(why)));
  }

  private static Future<HttpServer> listen(
      Lane lane, Reception reception, HttpServerOptions options, String host, int port) {
    Promise<HttpServer> opened = Promise.promise();
    lane.run(
        () ->
            lane.vertx()
                .createHttpServer(options)
                .connectionHandler(reception::connected)
                .requestHandler(reception::request)
                .invalidRequestHandler(reception::invalid)
                .exceptionHandler(_ -> {})
                .listen(port, host)
                .onComplete(opened));
    return opened.future();
  }

  int port() {
    return servers.getFirst().actualPort();
  }

  Future<Void> close() {
    return shutdown(Duration.ZERO);
  }

  /// Takes nothing new, and lets what is under way finish.
  Future<Void> shutdown(Duration limit) {
    return Future.join(
            servers.stream()
                .map(server -> server.shutdown(limit.toMillis(), TimeUnit.MILLISECONDS))
                .toList())
        .mapEmpty();
  }

  /// A third of the JDK's cost for a handshake, where its native library is there.
  private static SSLEngineOptions engine() {
    return OpenSSLEngineOptions.isAvailable()
        ? new OpenSSLEngineOptions()
        : new JdkSSLEngineOptions();
  }

  static HttpServerOptions plain() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setHandle100ContinueAutomatically(false)
        .setCompressionSupported(false)
        .setDecompressionSupported(false)
        .setMaxHeaderSize(32 * 1024)
        .setMaxInitialLineLength(16 * 1024)
        .setTcpNoDelay(true)
        .setTcpKeepAlive(true)
        .setAcceptBacklog(4_096)
        .setReusePort(true)
        .setInitialSettings(
            new Http2Settings().setMaxConcurrentStreams(STREAMS).setMaxHeaderListSize(32 * 1024));
  }

  static HttpServerOptions secure(Certificates certificates) {
    var options =
        plain()
            .setSsl(true)
            .setSni(false)
            .setUseAlpn(true)
            .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
            .setKeyCertOptions(KeyCertOptions.wrap(certificates))
            .setSslEngineOptions(engine())
            .setSslHandshakeTimeout(10)
            .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"));
    SUITES.forEach(options::addEnabledCipherSuite);
    return options;
  }
}
