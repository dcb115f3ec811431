package dev.widemesh.git;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Json;
import dev.widemesh.api.OutputLine;
import dev.widemesh.api.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A controller that speaks the gateway's part of the wire and decides what the test tells it to.
final class FakeController implements AutoCloseable {
  private static final long LIMIT_MILLIS = 20_000;

  private final HttpServer server;
  private final Map<String, GitWire.Actor> keys = new LinkedHashMap<>();
  private final Map<String, GitWire.Grant> stacks = new LinkedHashMap<>();
  private final Set<String> viewers = new HashSet<>();
  private final Set<String> strangers = new HashSet<>();
  private final Map<String, String> live = new LinkedHashMap<>();
  private final Map<String, String> kept = new LinkedHashMap<>();
  private final Map<String, List<DeploymentEvent>> events = new LinkedHashMap<>();
  private final List<GitWire.Push> pushes = new ArrayList<>();
  private Optional<String> automatic = Optional.of("live");
  private long revision = 1;
  private int followers;
  private int cut;

  FakeController() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  synchronized void addKey(String fingerprint, String name) {
    keys.put(fingerprint, new GitWire.Actor("account-" + name, name));
  }

  synchronized void mayOnlyRead(String name) {
    viewers.add("account-" + name);
  }

  synchronized void mayNothing(String name) {
    strangers.add("account-" + name);
  }

  synchronized void addStack(String path, String id, String branch) {
    stacks.put(path, new GitWire.Grant(id, branch));
    changed();
  }

  synchronized void removeStack(String path) {
    stacks.remove(path);
    changed();
  }

  /// How every push ends from now on, at once; empty: only when the test says so.
  synchronized void ends(Optional<String> state) {
    automatic = state;
  }

  synchronized List<GitWire.Push> pushes() {
    return List.copyOf(pushes);
  }

  synchronized GitWire.Push push(int index) {
    await(() -> pushes.size() > index);
    return pushes.get(index);
  }

  synchronized void awaitFollower() {
    await(() -> followers > 0);
  }

  /// Ends every view of a deployment, as a restart of the controller does.
  synchronized void cutFollowers() {
    cut++;
    notifyAll();
  }

  synchronized void finish(GitWire.Push push, String state) {
    var cause = new Cause("crashed", "web crashed with exit code 3", List.of("boom"), "mend it");
    if (state.equals("live")) {
      if (!push.upload()) {
        live.put(push.stackId(), push.newCommit());
      }
    } else {
      kept.remove(push.id());
    }
    revision++;
    say(push, "\u001b[31mthe end\u001b[0m is " + state);
    emit(
        push,
        new DeploymentEvent.Outcome(view(push, state, state.equals("failed") ? cause : null)));
  }

  synchronized void say(GitWire.Push push, String text) {
    var line =
        new OutputLine(
            eventsOf(push.id()).size() + 1, Instant.now(), "building", OutputLine.Kind.STEP, text);
    emit(push, new DeploymentEvent.Line(line));
  }

  private void emit(GitWire.Push push, DeploymentEvent event) {
    eventsOf(push.id()).add(event);
    notifyAll();
  }

  private List<DeploymentEvent> eventsOf(String id) {
    return events.computeIfAbsent(id, _ -> new ArrayList<>());
  }

  private synchronized void changed() {
    revision++;
    notifyAll();
  }

  private synchronized void await(BooleanSupplier condition) {
    var end = System.currentTimeMillis() + LIMIT_MILLIS;
    try {
      while (!condition.getAsBoolean()) {
        var left = end - System.currentTimeMillis();
        if (left <= 0) {
          throw new AssertionError("waited too long");
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      switch (path) {
        case "/internal/git/authenticate" ->
            reply(exchange, authenticate(Json.read(body, GitWire.Authenticate.class)));
        case "/internal/git/authorize" ->
            reply(exchange, authorize(Json.read(body, GitWire.Authorize.class)));
        case "/internal/git/pushes" ->
            reply(exchange, Optional.of(accept(Json.read(body, GitWire.Push.class))));
        case "/internal/git/projections" -> projections(exchange);
        case "/internal/git/surveys" -> reply(exchange, Optional.empty());
        default -> follow(exchange, path.split("/", -1)[3]);
      }
    }
  }

  private synchronized Optional<GitWire.Actor> authenticate(GitWire.Authenticate question) {
    return Optional.ofNullable(keys.get(question.fingerprint()));
  }

  private synchronized Optional<GitWire.Grant> authorize(GitWire.Authorize question) {
    var who = question.accountId();
    if (strangers.contains(who) || (question.write() && viewers.contains(who))) {
      return Optional.empty();
    }
    return Optional.ofNullable(stacks.get(question.environment() + "/" + question.stack()));
  }

  private synchronized DeploymentView accept(GitWire.Push push) {
    pushes.add(push);
    kept.put(push.id(), push.newCommit());
    events.put(push.id(), new ArrayList<>());
    changed();
    automatic.ifPresent(state -> finish(push, state));
    return view(push, "queued", null);
  }

  private DeploymentView view(GitWire.Push push, String state, @Nullable Cause failure) {
    var isLive = state.equals("live");
    return new DeploymentView(
        push.id(),
        "shop",
        "web",
        pushes.indexOf(push) + 1,
        state,
        isLive,
        "push",
        null,
        push.newCommit(),
        push.author(),
        push.message(),
        null,
        1,
        null,
        Instant.now(),
        null,
        List.of(),
        failure);
  }

  private void projections(HttpExchange exchange) throws IOException {
    var query = exchange.getRequestURI().getQuery();
    if (query != null && !waitAfter(Long.parseLong(query.substring("after=".length())))) {
      exchange.sendResponseHeaders(204, -1);
      return;
    }
    reply(exchange, Optional.of(wanted()));
  }

  private synchronized boolean waitAfter(long after) {
    var end = System.currentTimeMillis() + 2_000;
    try {
      while (revision <= after && System.currentTimeMillis() < end) {
        wait(100);
      }
    } catch (InterruptedException _) {
      return false;
    }
    return revision > after;
  }

  private synchronized GitWire.Projections wanted() {
    var list = new ArrayList<GitWire.Projection>();
    for (var grant : stacks.values()) {
      var keep = new ArrayList<GitWire.Kept>();
      for (var push : pushes) {
        if (push.stackId().equals(grant.stackId()) && kept.containsKey(push.id())) {
          keep.add(new GitWire.Kept(push.id(), push.newCommit(), push.upload()));
        }
      }
      list.add(
          new GitWire.Projection(grant.stackId(), grant.branch(), live.get(grant.stackId()), keep));
    }
    return new GitWire.Projections(revision, list);
  }

  private void follow(HttpExchange exchange, String id) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    var query = exchange.getRequestURI().getQuery();
    var generation = join();
    for (var next = Integer.parseInt(query.substring("after=".length())); ; next++) {
      var index = next;
      await(() -> eventsOf(id).size() > index || cut > generation);
      if (isCut(generation)) {
        return;
      }
      var event = eventOf(id, index);
      var line = Json.MAPPER.writerFor(DeploymentEvent.class).writeValueAsString(event);
      exchange.getResponseBody().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
      if (event instanceof DeploymentEvent.Outcome) {
        return;
      }
    }
  }

  private synchronized int join() {
    followers++;
    notifyAll();
    return cut;
  }

  private synchronized boolean isCut(int generation) {
    return cut > generation;
  }

  private synchronized DeploymentEvent eventOf(String id, int index) {
    return eventsOf(id).get(index);
  }

  private static void reply(HttpExchange exchange, Optional<?> answer) throws IOException {
    var text =
        Json.write(
            answer.isPresent()
                ? answer.get()
                : new Problem("unknown", "no stack 'web' in 'shop'", "mesh stacks"));
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.isPresent() ? 200 : 404, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
