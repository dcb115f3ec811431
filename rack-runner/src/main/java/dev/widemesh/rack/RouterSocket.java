package dev.widemesh.rack;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the routers of this server pull their table from and report to: HTTP on a Unix socket that
/// only this user may open. All its state belongs to one event loop.
final class RouterSocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RouterSocket.class);
  private static final String ROUTERS = "/routers/";
  private static final long POLL_MILLIS = 20_000;
  private static final int START_SECONDS = 10;
  private static final int LARGEST_REPORT = 8_000_000;
  private static final int MOST_WAITING = 200;

  private final Vertx vertx;
  private final Context loop;
  private final Routes routes;
  private final Consumer<RouterReport> reports;
  private final Consumer<String> farewells;
  private final Path path;
  private final List<Waiting> waiting = new ArrayList<>();
  private String json = "";
  private long jsonRevision = -1;

  private record Waiting(HttpServerRequest request, long after, long timer) {}

  private RouterSocket(
      Vertx vertx,
      Routes routes,
      Consumer<RouterReport> reports,
      Consumer<String> farewells,
      Path path) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.routes = routes;
    this.reports = reports;
    this.farewells = farewells;
    this.path = path;
  }

  /// `farewells` takes the ids of routers that end.
  static RouterSocket open(
      Routes routes, Consumer<RouterReport> reports, Consumer<String> farewells, Path path)
      throws IOException {
    var vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1));
    var socket = new RouterSocket(vertx, routes, reports, farewells, path);
    routes.listen(table -> socket.loop.runOnContext(_ -> socket.answerAll(table)));
    socket.bind();
    return socket;
  }

  /// Bound under another name and moved into place with its mode set: nobody finds it half open,
  /// and one left by a killed process does not matter.
  private void bind() throws IOException {
    if (!vertx.isNativeTransportEnabled()) {
      throw new IOException("no native transport for Unix sockets on this machine");
    }
    Files.createDirectories(path.getParent());
    var draft = path.resolveSibling("." + ProcessHandle.current().pid() % 1_000);
    Files.deleteIfExists(draft);
    var listening =
        Future.<HttpServer>future(
            promise ->
                loop.runOnContext(
                    _ ->
                        vertx
                            .createHttpServer()
                            .requestHandler(this::handle)
                            .listen(SocketAddress.domainSocketAddress(draft.toString()))
                            .onComplete(promise)));
    await(listening);
    Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
    Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void await(Future<?> future) throws IOException {
    try {
      var _ = future.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the router socket did not answer: " + e, e);
    }
  }

  private void handle(HttpServerRequest request) {
    var path = request.path() == null ? "" : request.path();
    if (request.method().equals(HttpMethod.GET) && path.equals("/routes")) {
      answer(request);
    } else if (request.method().equals(HttpMethod.POST) && path.equals("/reports")) {
      hear(request);
    } else if (request.method().equals(HttpMethod.DELETE) && path.startsWith(ROUTERS)) {
      farewells.accept(path.substring(ROUTERS.length()));
      end(request, 204, "");
    } else {
      end(request, 404, "");
    }
  }

  private void answer(HttpServerRequest request) {
    var text = request.getParam("after", "0");
    if (!text.matches("\\d{1,18}")) {
      end(request, 400, "after must be a revision");
      return;
    }
    var after = Long.parseLong(text);
    var table = routes.table();
    if (table.revision() > after) {
      end(request, 200, json(table));
    } else if (waiting.size() >= MOST_WAITING) {
      end(request, 503, "too many wait");
    } else {
      hold(request, after);
      if (table.revision() < after) {
        var _ = Thread.startVirtualThread(() -> routes.overtake(after));
      }
    }
  }

  private void hold(HttpServerRequest request, long after) {
    var timer = vertx.setTimer(POLL_MILLIS, id -> expire(id));
    var entry = new Waiting(request, after, timer);
    waiting.add(entry);
    request.connection().closeHandler(_ -> drop(entry));
  }

  private void expire(long timer) {
    for (var entry : List.copyOf(waiting)) {
      if (entry.timer() == timer) {
        drop(entry);
        end(entry.request(), 204, "");
      }
    }
  }

  private void drop(Waiting entry) {
    vertx.cancelTimer(entry.timer());
    waiting.remove(entry);
  }

  private void answerAll(RouteTable table) {
    for (var entry : List.copyOf(waiting)) {
      if (table.revision() > entry.after()) {
        drop(entry);
        end(entry.request(), 200, json(table));
      }
    }
  }

  private String json(RouteTable table) {
    if (jsonRevision != table.revision()) {
      json = Json.write(table);
      jsonRevision = table.revision();
    }
    return json;
  }

  private void hear(HttpServerRequest request) {
    var length = request.getHeader("Content-Length");
    if (length != null && (length.length() > 9 || Integer.parseInt(length) > LARGEST_REPORT)) {
      end(request, 413, "");
      return;
    }
    request
        .body()
        .onSuccess(
            body -> {
              try {
                reports.accept(
                    Json.read(body.toString(StandardCharsets.UTF_8), RouterReport.class));
                end(request, 204, "");
              } catch (IllegalArgumentException e) {
                log.warn("a router's report cannot be read: {}", e.getMessage());
                end(request, 400, "not a report");
              }
            });
  }

  private static void end(HttpServerRequest request, int status, String body) {
    var response = request.response();
    if (response.closed() || response.ended()) {
      return;
    }
    var _ = response.setStatusCode(status).putHeader("Content-Type", "application/json").end(body);
  }

  @Override
  public void close() {
    routes.listen(_ -> {});
    try {
      await(vertx.close());
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.debug("closing the router socket", e);
    }
  }
}
