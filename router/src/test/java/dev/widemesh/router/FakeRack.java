package dev.widemesh.router;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// A rack-runner of which only the Unix socket is real: hands out the table it was given, and
/// remembers the last report.
final class FakeRack implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final List<HttpServerRequest> waiting = new ArrayList<>();
  private final HttpServer server;
  private RouteTable table = RouteTable.EMPTY;
  private RouterReport report = new RouterReport("", 0, List.of(), List.of());

  FakeRack(Path socket) {
    server = vertx.createHttpServer().requestHandler(this::handle);
    Wait.done(server.listen(SocketAddress.domainSocketAddress(socket.toString())));
  }

  private void handle(HttpServerRequest request) {
    if (request.uri().equals("/reports")) {
      request
          .body()
          .onSuccess(
              body -> {
                received(Json.read(body.toString(), RouterReport.class));
                request.response().setStatusCode(204).end();
              });
      return;
    }
    if (request.method().equals(HttpMethod.DELETE)) {
      request.response().setStatusCode(204).end();
      return;
    }
    synchronized (this) {
      if (table.revision() > Long.parseLong(request.getParam("after"))) {
        request.response().end(Json.write(table));
      } else {
        waiting.add(request);
      }
    }
  }

  private synchronized void received(RouterReport next) {
    report = next;
    notifyAll();
  }

  synchronized void publish(RouteTable next) {
    table = next;
    waiting.forEach(request -> request.response().end(Json.write(next)));
    waiting.clear();
  }

  /// Waits for such a report.
  synchronized RouterReport report(Predicate<RouterReport> such) throws InterruptedException {
    var deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!such.test(report)) {
      var left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new AssertionError("no such report; the last was " + report);
      }
      wait(left);
    }
    return report;
  }

  void publishAndAwait(RouteTable next) throws InterruptedException {
    publish(next);
    var _ = report(r -> r.applied() >= next.revision());
  }

  @Override
  public void close() {
    Wait.done(vertx.close());
  }
}
