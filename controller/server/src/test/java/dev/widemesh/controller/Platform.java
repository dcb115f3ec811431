package dev.widemesh.controller;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.BuildWire;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A controller on a database of its own, and everybody's client to it.
final class Platform implements AutoCloseable {
  static final String ADMIN = token("admin");
  static final String GATEWAY = token("gateway");
  static final String BUILDER = token("builder");
  static final String RACK = token("rack");

  private static final String READS =
      """
      SELECT count(*) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND query LIKE '%FOR SHARE%'
      """;

  private final Path folder;
  private final String database;
  private String domain = "widemesh.localhost";
  private Controller controller;

  private Platform(Path folder, String database) {
    this.folder = folder;
    this.database = database;
    this.controller = Controller.start(config(0));
  }

  static Platform start() {
    try {
      return new Platform(Files.createTempDirectory("platform"), Postgres.freshDatabase());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String token(String who) {
    return "wm_"
        + (who + "AAAAAAAAAAAA").substring(0, 12)
        + "_"
        + (who + "b".repeat(43)).substring(0, 43);
  }

  ControllerConfig config(int port) {
    return new ControllerConfig(
        "127.0.0.1",
        port,
        database,
        folder.resolve("seal.key"),
        folder.resolve("ca"),
        domain,
        7080,
        7443,
        "localhost",
        7022,
        "home",
        ControllerConfig.READY_WITHIN,
        new ControllerConfig.Tokens(ADMIN, GATEWAY, BUILDER, RACK));
  }

  /// As after a kill: everything that was in memory is gone.
  void restart() {
    var port = controller.port();
    controller.close();
    controller = Controller.start(config(port));
  }

  void restartUnder(String domain) {
    this.domain = domain;
    restart();
  }

  /// Until the reading of a definition waits for a change of the test.
  void awaitReading() throws SQLException {
    var deadline = Instant.now().plusSeconds(20);
    while (read(READS).equals("0")) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("nobody reads a definition");
      }
      Thread.onSpinWait();
    }
  }

  /// So many images that are not to be collected.
  void awaitKept(int count) {
    var deadline = Instant.now().plusSeconds(30);
    var builder = client(BUILDER);
    while (builder.get(Route.KEPT_IMAGES.path(), String[].class).length < count) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("the builds do not end");
      }
      Thread.onSpinWait();
    }
  }

  void sql(String statement) throws SQLException {
    Postgres.run(database, statement);
  }

  /// The first column of its first row.
  String read(String query) throws SQLException {
    return Postgres.read(database, query);
  }

  String jdbc() {
    return Postgres.jdbc(database);
  }

  URI base() {
    return URI.create("http://127.0.0.1:" + controller.port());
  }

  ApiClient client(String token) {
    return new ApiClient(base(), token);
  }

  ApiClient admin() {
    return client(ADMIN);
  }

  /// An environment with a stack of the same name; answers the stack's id.
  String stack(String name) {
    admin()
        .send(
            "POST",
            Route.CREATE_ENVIRONMENT.path(),
            new Views.CreateEnvironment(name, null),
            Views.Environment.class);
    admin()
        .send(
            "POST",
            Route.CREATE_STACK.with(name),
            new Views.CreateStack(name, null, null, null, null, null),
            Views.Stack.class);
    return stackId(name);
  }

  String stackId(String name) {
    var key = new Views.AddKey("test", KEY);
    admin().send("POST", Route.ADD_KEY.path(), key, Views.SshKey.class);
    var actor = actor();
    return client(GATEWAY)
        .send(
            "POST",
            Route.GIT_AUTHORIZE.path(),
            new GitWire.Authorize(actor.accountId(), name, name, true),
            GitWire.Grant.class)
        .stackId();
  }

  static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJJ3nLGNvBqqAqKgJUzd9+WSLlBVpkRQZSMzqQGaJ1FZ me@home";

  GitWire.Actor actor() {
    return client(GATEWAY)
        .send(
            "POST",
            Route.GIT_AUTHENTICATE.path(),
            new GitWire.Authenticate(PublicKey.parse(KEY).fingerprint()),
            GitWire.Actor.class);
  }

  DeploymentView push(String stackId, String commit) {
    return push(stackId, commit, false, GitWire.Choices.NONE);
  }

  /// With what was chosen for this deployment.
  DeploymentView push(String stackId, GitWire.Choices choices) {
    return push(stackId, "1".repeat(40), false, choices);
  }

  /// As `mesh deploy` of a folder.
  DeploymentView upload(String stackId, String commit) {
    return push(stackId, commit, true, GitWire.Choices.NONE);
  }

  private DeploymentView push(
      String stackId, String commit, boolean upload, GitWire.Choices choices) {
    var push =
        new GitWire.Push(
            UUID.randomUUID().toString(),
            stackId,
            actor().accountId(),
            null,
            commit,
            upload,
            upload,
            choices,
            "me",
            "a change");
    return client(GATEWAY).send("POST", Route.GIT_PUSH.path(), push, DeploymentView.class);
  }

  DeploymentView deployment(String stack, int version) {
    return admin()
        .get(Route.GET_DEPLOYMENT.with(stack, stack, "v" + version), DeploymentView.class);
  }

  /// Its lines as people see them, and its outcome last.
  Followed follow(String id) {
    var lines = new ArrayList<String>();
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                client(GATEWAY).stream(Route.GIT_FOLLOW.with(id)), StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        switch (Json.read(line, DeploymentEvent.class)) {
          case DeploymentEvent.Line event -> lines.add(event.line().render());
          case DeploymentEvent.Beat _ -> {}
          case DeploymentEvent.Outcome outcome -> {
            return new Followed(lines, outcome.deployment());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("no outcome after " + lines);
  }

  record Followed(List<String> lines, DeploymentView outcome) {}

  static BuildWire.Built built(String image, Map<String, String> processes) {
    return new BuildWire.Built(
        "buildpack",
        image,
        image,
        List.of("/cnb/lifecycle/launcher"),
        processes.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> new BuildWire.ProcessType(entry.getKey(), entry.getValue(), null))
            .toList(),
        null,
        0,
        false);
  }

  @Override
  public void close() {
    controller.close();
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
