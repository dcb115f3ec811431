package dev.widemesh.builder;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.BuildWire.Claim;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.Lease;
import dev.widemesh.api.BuildWire.Output;
import dev.widemesh.api.BuildWire.Result;
import dev.widemesh.api.BuildWire.SecretNames;
import dev.widemesh.api.BuildWire.SecretValues;
import dev.widemesh.api.Json;
import dev.widemesh.api.OutputLine.Draft;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The controller as a builder knows it: jobs out, lines and results in, over real HTTP.
final class FakeController implements AutoCloseable {
  private final HttpServer server;
  private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
  private final Map<String, List<Draft>> lines = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Result>> results = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Draft>> awaited = new ConcurrentHashMap<>();
  private final List<String> cancelled = new CopyOnWriteArrayList<>();
  final Map<String, String> secrets = new ConcurrentHashMap<>();
  private final Map<String, String> owners = new ConcurrentHashMap<>();

  FakeController() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/internal/builds/", this::answer);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  Result build(Job job) throws Exception {
    return start(job).get(5, TimeUnit.MINUTES);
  }

  CompletableFuture<Result> start(Job job) {
    var result = new CompletableFuture<Result>();
    results.put(job.deployment(), result);
    lines.put(job.deployment(), new CopyOnWriteArrayList<>());
    jobs.add(job);
    return result;
  }

  void cancel(String deployment) {
    cancelled.add(deployment);
  }

  /// The output so far, one text.
  String output(String deployment) {
    return String.join(
        "\n", lines.getOrDefault(deployment, List.of()).stream().map(Draft::text).toList());
  }

  CompletableFuture<Draft> firstLineWith(String text) {
    return awaited.computeIfAbsent(text, _ -> new CompletableFuture<>());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var parts = exchange.getRequestURI().getPath().split("/", -1);
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (parts[parts.length - 1].equals("claim")) {
        claim(exchange, Json.read(body, Claim.class).builder());
      } else if (parts[parts.length - 1].equals("output")) {
        output(exchange, parts[3], Json.read(body, Output.class));
      } else if (parts[parts.length - 1].equals("secrets")) {
        secrets(exchange, parts[3], Json.read(body, SecretNames.class));
      } else if (parts[parts.length - 1].equals("surveys")) {
        send(exchange, 404, "{}");
      } else {
        var ours = ("builder=" + owners.get(parts[3])).equals(exchange.getRequestURI().getQuery());
        if (ours) {
          results
              .computeIfAbsent(parts[3], _ -> new CompletableFuture<>())
              .complete(Json.read(body, Result.class));
        }
        send(exchange, 200, Json.write(new Lease(!ours)));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void claim(HttpExchange exchange, String builder)
      throws IOException, InterruptedException {
    var job = jobs.poll(5, TimeUnit.SECONDS);
    if (job != null) {
      owners.put(job.deployment(), builder);
    }
    send(exchange, job == null ? 204 : 200, job == null ? "" : Json.write(job));
  }

  private void output(HttpExchange exchange, String deployment, Output output) throws IOException {
    for (var line : output.lines()) {
      lines.computeIfAbsent(deployment, _ -> new CopyOnWriteArrayList<>()).add(line);
      awaited.forEach(
          (text, future) -> {
            if (line.text().contains(text)) {
              future.complete(line);
            }
          });
    }
    send(exchange, 200, Json.write(new Lease(cancelled.contains(deployment))));
  }

  private void secrets(HttpExchange exchange, String deployment, SecretNames asked)
      throws IOException {
    if (!asked.builder().equals(owners.get(deployment))) {
      send(exchange, 409, "{}");
      return;
    }
    var values = new TreeMap<>(secrets);
    values.keySet().retainAll(asked.names());
    send(exchange, 200, Json.write(new SecretValues(values)));
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
