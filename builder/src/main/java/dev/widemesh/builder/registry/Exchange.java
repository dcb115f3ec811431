package dev.widemesh.builder.registry;

import dev.widemesh.api.Json;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// One request and its answer, for a thread that may block.
final class Exchange {
  /// How long a client that was refused may go on sending before the connection is cut.
  private static final long DRAIN_MILLIS = 10_000;

  private final HttpServerRequest request;
  private final Context context;
  private final BodyStream body;
  private boolean reliedOn;

  /// To be called on the event loop.
  Exchange(HttpServerRequest request, Context context) {
    this.request = request;
    this.context = context;
    this.body = new BodyStream(request, context);
  }

  HttpMethod method() {
    return request.method();
  }

  String path() {
    return Objects.requireNonNullElse(request.path(), "");
  }

  boolean isHead() {
    return method().equals(HttpMethod.HEAD);
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeader(name));
  }

  Optional<String> query(String name) {
    return Optional.ofNullable(request.getParam(name));
  }

  /// Every value of a parameter that may come more than once.
  List<String> queries(String name) {
    return request.params().getAll(name);
  }

  /// Whether the client may go on to push what needs what it is told now.
  boolean isReliedOn() {
    return reliedOn;
  }

  void comesFrom(Rights rights) {
    reliedOn = !(rights instanceof Rights.Pull);
  }

  InputStream body() {
    return body;
  }

  void answer(int status, Map<String, String> headers) {
    onLoop(
        response -> {
          start(response, status, headers);
          response.end();
        });
  }

  void answer(int status, Map<String, String> headers, byte[] content) {
    onLoop(
        response -> {
          start(response, status, headers);
          response.putHeader("Content-Length", String.valueOf(content.length));
          if (isHead()) {
            response.end();
          } else {
            response.end(Buffer.buffer(content));
          }
        });
  }

  /// The kernel copies the file to the socket, as fast as the client takes it.
  void file(int status, Map<String, String> headers, Path file, long from, long length) {
    onLoop(
        response -> {
          start(response, status, headers);
          response.putHeader("Content-Length", String.valueOf(length));
          if (isHead() || length == 0) {
            response.end();
          } else {
            response
                .sendFile(file.toString(), from, length)
                .onFailure(_ -> request.connection().close());
          }
        });
  }

  void refuse(RegistryFailure failure) {
    var error =
        Map.of("code", failure.code.name(), "message", String.valueOf(failure.getMessage()));
    var content = Json.write(Map.of("errors", List.of(error)));
    var headers = new HashMap<>(failure.headers);
    headers.put("Content-Type", "application/json");
    answer(failure.status, headers, content.getBytes(StandardCharsets.UTF_8));
  }

  private static void start(HttpServerResponse response, int status, Map<String, String> headers) {
    response.setStatusCode(status).putHeader("Docker-Distribution-Api-Version", "registry/2.0");
    headers.forEach(response::putHeader);
  }

  private void onLoop(Consumer<HttpServerResponse> action) {
    context.runOnContext(
        _ -> {
          if (request.response().closed()) {
            return;
          }
          drain();
          action.accept(request.response());
        });
  }

  // Cutting the connection at once could lose the answer on its way to a client that still sends.
  private void drain() {
    if (request.isEnded()) {
      return;
    }
    var timer = context.owner().setTimer(DRAIN_MILLIS, _ -> request.connection().close());
    request.handler(_ -> {});
    request.endHandler(_ -> context.owner().cancelTimer(timer));
    request.resume();
  }
}
