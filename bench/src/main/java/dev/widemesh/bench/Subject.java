package dev.widemesh.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The platform under measurement, and the app on it.
final class Subject implements AutoCloseable {
  private static final Path HOME = Path.of(System.getProperty("widemesh.home"));
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ENVIRONMENT = "bench";

  private final Path folder;
  private final Path data;
  private final Path app;
  private final int http;
  private int lines;

  private Subject(Path folder) throws IOException {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.app = folder.resolve("app");
    this.http = freePort();
  }

  interface Step {
    void run() throws IOException, InterruptedException;
  }

  static Subject start(Path folder) throws IOException, InterruptedException {
    var subject = new Subject(folder);
    var up =
        time(
            () ->
                subject.widemesh(
                    "up",
                    "--detach",
                    "--http",
                    "" + subject.http,
                    "--https",
                    "" + freePort(),
                    "--ssh",
                    "" + freePort(),
                    "--api",
                    "" + freePort()));
    System.out.printf("up --detach in an empty folder: %d ms%n", up);
    must(folder, Map.of(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id");
    subject.mesh("keys", "add", folder.resolve("id.pub").toString());
    subject.mesh("env", "create", ENVIRONMENT);
    subject.makeApp();
    return subject;
  }

  private void makeApp() throws IOException, InterruptedException {
    Files.createDirectories(app);
    for (var file : List.of("package.json", "server.js", ".gitignore")) {
      Files.copy(HOME.resolve("all-in-one/demo/hello-node").resolve(file), app.resolve(file));
    }
    git("init", "-q", "-b", "main");
    mesh("stack", "create", "hello", "--env", ENVIRONMENT);
    commit("first");
  }

  Timing firstPush() throws IOException, InterruptedException {
    return timed("first push", "Hello, world", this::push);
  }

  Timing oneLineChange(int round) throws IOException, InterruptedException {
    var server = app.resolve("server.js");
    var marker = "Hello " + round + ",";
    mesh("stack", "config", "unset", "GREETING", "--no-restart");
    Files.writeString(
        server, Files.readString(server).replaceAll("'Hello[^']*'", "'" + marker + " world'"));
    commit("change " + ++lines);
    return timed("one-line change", marker, this::push);
  }

  /// Nothing new can answer: timed to the end of the push.
  Timing emptyCommit() throws IOException, InterruptedException {
    commit("empty");
    return timed("empty commit", "", this::push);
  }

  Timing configurationChange(int round) throws IOException, InterruptedException {
    var marker = "Greetings " + round;
    return timed(
        "configuration change", marker, () -> mesh("stack", "config", "set", "GREETING=" + marker));
  }

  Timing rollback() throws IOException, InterruptedException {
    return timed("rollback", "Hello", () -> mesh("rollback"));
  }

  private Timing timed(String what, String marker, Step step)
      throws IOException, InterruptedException {
    try (var probe = new FirstAnswer(ENVIRONMENT + "." + domain(), http, marker)) {
      var whole = time(step);
      var answered = marker.isEmpty() ? whole : probe.await();
      System.out.printf("%-22s %6d ms%n", what, answered);
      return new Timing(what, answered, phases());
    }
  }

  private Map<String, Long> phases() throws IOException, InterruptedException {
    var phases = new HashMap<String, Long>();
    for (var phase : latest().path("phases")) {
      phases.put(phase.path("name").asText(), phase.path("millis").asLong());
    }
    return phases;
  }

  /// Of the newest deployment: `<repository>@sha256:<hex>` behind the registry's address.
  String image() throws IOException, InterruptedException {
    return "127.0.0.1:"
        + platform().path("registry").asInt()
        + "/"
        + latest().path("image").asText();
  }

  private String domain() throws IOException {
    return platform().path("domain").asText();
  }

  private JsonNode platform() throws IOException {
    return JSON.readTree(Files.readString(data.resolve("platform.json")));
  }

  private JsonNode latest() throws IOException, InterruptedException {
    return JSON.readTree(mesh("deployments", "list", "--json")).path(0);
  }

  long pid(String part) throws IOException {
    var file = data.resolve("run").resolve(part + ".pid");
    return Long.parseLong(Files.readString(file).split(" ", 2)[0]);
  }

  String mesh(String... args) throws IOException, InterruptedException {
    var argv = new ArrayList<>(List.of(HOME.resolve("mesh").toString()));
    argv.addAll(List.of(args));
    return must(Files.exists(app) ? app : folder, environment(), argv.toArray(String[]::new));
  }

  private void widemesh(String... args) throws IOException, InterruptedException {
    var argv = new ArrayList<>(List.of(HOME.resolve("widemesh").toString()));
    argv.addAll(List.of(args));
    argv.addAll(List.of("--data", data.toString()));
    must(folder, environment(), argv.toArray(String[]::new));
  }

  private void push() throws IOException, InterruptedException {
    git("push", "-q", "widemesh", "main");
  }

  private void commit(String message) throws IOException, InterruptedException {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
  }

  private void git(String... args) throws IOException, InterruptedException {
    var argv = new ArrayList<>(List.of("git"));
    argv.addAll(List.of(args));
    must(app, environment(), argv.toArray(String[]::new));
  }

  Map<String, String> environment() {
    return Map.of(
        "MESH_LOGIN", data.resolve("login.json").toString(),
        "XDG_CONFIG_HOME", folder.resolve("config").toString(),
        "WIDEMESH_CACHE", HOME.resolve("all-in-one/target/test-cache").toString(),
        "GIT_CONFIG_GLOBAL", "/dev/null",
        "GIT_AUTHOR_NAME", "Bench",
        "GIT_AUTHOR_EMAIL", "bench@example.org",
        "GIT_COMMITTER_NAME", "Bench",
        "GIT_COMMITTER_EMAIL", "bench@example.org",
        "GIT_SSH_COMMAND",
            "ssh -i %s -o IdentitiesOnly=yes -o UserKnownHostsFile=%s -o StrictHostKeyChecking=accept-new -o LogLevel=ERROR"
                .formatted(folder.resolve("id"), folder.resolve("known_hosts")));
  }

  static long time(Step step) throws IOException, InterruptedException {
    var start = System.nanoTime();
    step.run();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  static String must(Path folder, Map<String, String> environment, String... argv)
      throws IOException, InterruptedException {
    var log = Files.createTempFile("bench", ".out");
    try {
      var builder =
          new ProcessBuilder(argv)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      var process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", argv) + " failed:\n" + Files.readString(log));
      }
      return Files.readString(log, StandardCharsets.UTF_8);
    } finally {
      Files.delete(log);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      widemesh("purge", "--yes");
      must(Path.of("/"), Map.of(), "rm", "-r", "--", folder.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted; left: " + folder, e);
    }
  }
}
