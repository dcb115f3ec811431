package dev.widemesh.router;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/// An instance: a real HTTP server on a port of its own.
final class Backend implements AutoCloseable {
  private final Vertx vertx;
  private final HttpServer server;

  private Backend(Vertx vertx, HttpServer server) {
    this.vertx = vertx;
    this.server = server;
  }

  static Backend start(Handler<HttpServerRequest> handler) {
    return start(handler, new HttpServerOptions());
  }

  static Backend start(Handler<HttpServerRequest> handler, HttpServerOptions options) {
    var vertx = Vertx.vertx();
    var server = vertx.createHttpServer(options).requestHandler(handler);
    Wait.done(server.listen(0, "127.0.0.1"));
    return new Backend(vertx, server);
  }

  int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    Wait.done(vertx.close());
  }
}
