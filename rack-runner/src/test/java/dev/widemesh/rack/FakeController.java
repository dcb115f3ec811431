package dev.widemesh.rack;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Speaks the controller's side of the wire. A new stream gets the inventory and all definitions.
final class FakeController implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final HttpServer server;
  private final Map<String, EnvironmentDefinition> definitions = new LinkedHashMap<>();
  private final Map<String, EnvironmentReport> reports = new LinkedHashMap<>();
  private final List<String> answers = new ArrayList<>();
  private final List<BlockingQueue<String>> streams = new ArrayList<>();
  private Optional<Duration> refusal = Optional.empty();
  private Optional<Instant> refused = Optional.empty();
  private Optional<Instant> reportedAgain = Optional.empty();
  private boolean closed;

  FakeController() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(Route.RACK_STREAM.path(), this::stream);
    server.createContext(Route.RACK_REPORT.path(), this::report);
    server.createContext("/rack/v1/answers/", this::answer);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void stream(HttpExchange exchange) throws IOException {
    var queue = new LinkedBlockingQueue<String>();
    synchronized (this) {
      queue.add(line(new RackMessage.Inventory(List.copyOf(definitions.keySet()))));
      definitions.values().forEach(one -> queue.add(line(new RackMessage.Definition(one))));
      streams.add(queue);
      notifyAll();
    }
    exchange.sendResponseHeaders(200, 0);
    try (var out = exchange.getResponseBody()) {
      while (!isClosed()) {
        var next = queue.poll(1, TimeUnit.SECONDS);
        var line = next == null ? line(new RackMessage.Beat()) : next;
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void report(HttpExchange exchange) throws IOException {
    var text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var report = Json.read(text, RackReport.class);
    var late = refusal();
    if (late.isPresent()) {
      LockSupport.parkNanos(late.get().toNanos());
      synchronized (this) {
        refused = Optional.of(Instant.now());
        notifyAll();
      }
      exchange.sendResponseHeaders(503, -1);
      exchange.close();
      return;
    }
    synchronized (this) {
      report.environments().forEach(one -> reports.put(one.environment(), one));
      notifyAll();
    }
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  private synchronized Optional<Duration> refusal() {
    var mine = refusal;
    if (mine.isEmpty() && reportedAgain.isEmpty()) {
      reportedAgain = Optional.of(Instant.now());
      notifyAll();
    }
    refusal = Optional.empty();
    return mine;
  }

  /// The next report is answered after so long, as by a controller whose database hangs.
  synchronized void refuseNextReport(Duration after) {
    refusal = Optional.of(after);
    refused = Optional.empty();
    reportedAgain = Optional.empty();
  }

  /// How long after that answer the rack reported again.
  synchronized Duration awaitReportAgain() throws InterruptedException {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (refused.isEmpty() || reportedAgain.isEmpty()) {
      var left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("no report after the one that was refused");
      }
      wait(left);
    }
    return Duration.between(refused.get(), reportedAgain.get());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(exchange.getRequestBody(), StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (this) {
          answers.add(line);
          notifyAll();
        }
      }
    }
    synchronized (this) {
      answers.add("END");
      notifyAll();
    }
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  void send(RackMessage message) {
    sendLine(line(message));
  }

  synchronized void sendLine(String line) {
    streams.forEach(queue -> queue.add(line));
  }

  private static String line(RackMessage message) {
    return Json.write(message);
  }

  synchronized void define(EnvironmentDefinition definition) {
    definitions.put(definition.id(), definition);
    send(new RackMessage.Definition(definition));
  }

  synchronized void forget(String environment) {
    definitions.remove(environment);
    send(new RackMessage.Inventory(List.copyOf(definitions.keySet())));
  }

  /// Only what is reported from now on counts.
  synchronized void forgetReports() {
    reports.clear();
    streams.clear();
  }

  synchronized void awaitStream() throws InterruptedException {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (streams.isEmpty()) {
      var left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("no stream within " + PATIENCE);
      }
      wait(left);
    }
  }

  synchronized EnvironmentReport await(String environment, Predicate<EnvironmentReport> wish)
      throws InterruptedException {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!reports.containsKey(environment) || !wish.test(reports.get(environment))) {
      var left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("not within " + PATIENCE + ": " + reports.get(environment));
      }
      wait(left);
    }
    return reports.get(environment);
  }

  synchronized List<String> awaitAnswer(Predicate<List<String>> wish) throws InterruptedException {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!wish.test(answers)) {
      var left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("not within " + PATIENCE + ": " + answers);
      }
      wait(left);
    }
    var all = List.copyOf(answers);
    answers.clear();
    return all;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    server.stop(0);
  }
}
