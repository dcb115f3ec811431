package dev.widemesh.router;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Talks to the rack-runner over its Unix socket.
final class RackSocket {
  /// The rack-runner answers after 20 s at the latest.
  private static final long POLL_SECONDS = 25;

  private static final long REPORT_SECONDS = 5;

  private final Vertx vertx;
  private final HttpClient client;
  private final SocketAddress address;

  RackSocket(Vertx vertx, Path socket) {
    this.vertx = vertx;
    this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(2_000));
    this.address = SocketAddress.domainSocketAddress(socket.toString());
  }

  /// Empty when nothing newer came.
  Future<Optional<RouteTable>> routes(long after) {
    return client
        .request(to(HttpMethod.GET, "/routes?after=" + after))
        .compose(request -> request.send())
        .compose(
            response ->
                switch (response.statusCode()) {
                  case 200 -> response.body().compose(this::table);
                  case 204 -> Future.succeededFuture(Optional.<RouteTable>empty());
                  default ->
                      Future.<Optional<RouteTable>>failedFuture(
                          "the rack-runner answered " + response.statusCode());
                })
        .timeout(POLL_SECONDS, TimeUnit.SECONDS);
  }

  private Future<Optional<RouteTable>> table(Buffer body) {
    return vertx
        .executeBlocking(() -> Json.read(body.toString(), RouteTable.class))
        .map(Optional::ofNullable);
  }

  Future<Void> report(RouterReport report) {
    var body = Buffer.buffer(Json.write(report));
    return client
        .request(to(HttpMethod.POST, "/reports").putHeader("Content-Type", "application/json"))
        .compose(request -> request.send(body))
        .compose(
            response ->
                response.statusCode() / 100 == 2
                    ? response.end()
                    : Future.<Void>failedFuture(
                        "the rack-runner answered " + response.statusCode()))
        .timeout(REPORT_SECONDS, TimeUnit.SECONDS);
  }

  Future<Void> farewell(String router) {
    return client
        .request(to(HttpMethod.DELETE, "/routers/" + router))
        .compose(request -> request.send())
        .compose(response -> response.end())
        .timeout(1, TimeUnit.SECONDS);
  }

  private RequestOptions to(HttpMethod method, String uri) {
    return new RequestOptions()
        .setServer(address)
        .setHost("rack-runner")
        .setPort(80)
        .setMethod(method)
        .setURI(uri);
  }
}
