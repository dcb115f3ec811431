package dev.widemesh.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// Speaks the wire: answers what a test told it to, and remembers what it was asked.
final class FakeController implements AutoCloseable {
  record Request(String method, String target, String authorization, String body) {}

  private record Answer(int status, String body) {}

  final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();
  private final HttpServer server;

  FakeController() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// `call` like `GET /v1/keys`, without its query. The last answer is repeated for ever.
  FakeController answers(String call, Object body) {
    return answers(call, 200, body instanceof String text ? text : Json.write(body));
  }

  /// In place of what it was told before.
  FakeController answersAnew(String call, Object body) {
    answers.remove(call);
    return answers(call, body);
  }

  FakeController refuses(String call, int status, Problem problem) {
    return answers(call, status, Json.write(problem));
  }

  FakeController answers(String call, int status, String body) {
    answers.computeIfAbsent(call, _ -> new ConcurrentLinkedQueue<>()).add(new Answer(status, body));
    return this;
  }

  Request last() {
    return requests.getLast();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      var uri = exchange.getRequestURI();
      var token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      requests.add(new Request(exchange.getRequestMethod(), uri.toString(), token, body));
      var answer = next(exchange.getRequestMethod() + " " + uri.getRawPath());
      var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private Answer next(String call) {
    var queue = answers.getOrDefault(call, new ConcurrentLinkedQueue<>());
    var answer = queue.size() > 1 ? queue.poll() : queue.peek();
    return answer != null
        ? answer
        : new Answer(404, Json.write(new Problem("not-found", "no answer to " + call, null)));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
