package dev.widemesh.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The platform under measurement, in a temporary folder of its own, with one environment.
final class Ground implements AutoCloseable {
  static final Path HOME = Path.of(System.getProperty("widemesh.home"));
  static final String ENVIRONMENT = "bench";

  private static final ObjectMapper JSON = new ObjectMapper();

  final Path folder;
  final Path data;
  final int http;

  private Ground(Path folder) throws IOException {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.http = freePort();
  }

  interface Step {
    void run() throws IOException, InterruptedException;
  }

  static Ground start() throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("widemesh-bench-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    var ground = new Ground(folder);
    System.out.printf("up --detach in an empty folder: %d ms%n", time(ground::up));
    must(folder, Map.of(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id");
    ground.mesh(folder, "keys", "add", folder.resolve("id.pub").toString());
    ground.mesh(folder, "env", "create", ENVIRONMENT);
    return ground;
  }

  private void up() throws IOException, InterruptedException {
    widemesh(
        "up",
        "--detach",
        "--http",
        "" + http,
        "--https",
        "" + freePort(),
        "--ssh",
        "" + freePort(),
        "--api",
        "" + freePort());
  }

  /// The folder becomes a repository with a stack of this name.
  void makeStack(String name, Path app, String... options)
      throws IOException, InterruptedException {
    git(app, "init", "-q", "-b", "main");
    var create = new ArrayList<>(List.of("stack", "create", name, "--env", ENVIRONMENT));
    create.addAll(List.of(options));
    mesh(app, create.toArray(String[]::new));
    commit(app, "first");
  }

  void commit(Path app, String message) throws IOException, InterruptedException {
    git(app, "add", "-A");
    git(app, "commit", "-q", "--allow-empty", "-m", message);
  }

  /// What git and the platform said.
  String push(Path app) throws IOException, InterruptedException {
    return git(app, "push", "widemesh", "main");
  }

  JsonNode latest(Path app) throws IOException, InterruptedException {
    return JSON.readTree(mesh(app, "deployments", "list", "--json")).path(0);
  }

  JsonNode platform() throws IOException {
    return JSON.readTree(Files.readString(data.resolve("platform.json")));
  }

  long pid(String part) throws IOException {
    var file = data.resolve("run").resolve(part + ".pid");
    return Long.parseLong(Files.readString(file).split(" ", 2)[0]);
  }

  String mesh(Path directory, String... args) throws IOException, InterruptedException {
    return must(directory, environment(), join(HOME.resolve("mesh").toString(), args));
  }

  private void widemesh(String... args) throws IOException, InterruptedException {
    var argv = new ArrayList<>(List.of(HOME.resolve("widemesh").toString()));
    argv.addAll(List.of(args));
    argv.addAll(List.of("--data", data.toString()));
    must(folder, environment(), argv.toArray(String[]::new));
  }

  private String git(Path app, String... args) throws IOException, InterruptedException {
    return must(app, environment(), join("git", args));
  }

  private static String[] join(String program, String... args) {
    var argv = new ArrayList<>(List.of(program));
    argv.addAll(List.of(args));
    return argv.toArray(String[]::new);
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
