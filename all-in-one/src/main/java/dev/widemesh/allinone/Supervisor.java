package dev.widemesh.allinone;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The parent of the four processes of one platform.
final class Supervisor {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(45);
  private static final int HOPELESS = 4;

  private final List<Child> children = new ArrayList<>();
  private final DataFolder data;
  private final Platform platform;
  private final FileChannel lock;

  private Supervisor(DataFolder data, Platform platform, FileChannel lock) {
    this.data = data;
    this.platform = platform;
    this.lock = lock;
  }

  /// Starts everything and returns when a push could be answered; nothing is left running when it
  /// throws.
  static Supervisor start(DataFolder data, Platform platform)
      throws IOException, InterruptedException {
    var supervisor = new Supervisor(data, platform, lock(data));
    try {
      supervisor.startAll();
      return supervisor;
    } catch (RuntimeException | IOException | InterruptedException e) {
      supervisor.stop();
      throw e;
    }
  }

  static PidFile pidFile(DataFolder data) {
    return new PidFile(data.run().resolve("supervisor.pid"));
  }

  private static FileChannel lock(DataFolder data) throws IOException {
    var file = data.run().resolve("supervisor.lock");
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw alreadyUp(data);
    }
    pidFile(data).write(ProcessHandle.current());
    return channel;
  }

  static Refused alreadyUp(DataFolder data) {
    return new Refused(
        "Widemesh is already up on " + data.root(),
        "./widemesh status --data %s shows it; ./widemesh down --data %s stops it"
            .formatted(data.root(), data.root()));
  }

  /// The data path first: apps that run already answer again before there is a database.
  private void startAll() throws IOException, InterruptedException {
    var postgres = new Postgres(data, new Secrets(data.secrets()), platform.postgres());
    if (ownDatabase()) {
      postgres.prepare();
    }
    var router =
        new Child(
            "router", first(JavaProcess.part("router", data, List.of("-Xmx512m"))), data, "TERM");
    children.add(router);
    new Succession(data).answer(router::succeed);
    children.add(
        child("rack-runner", List.of("-XX:TieredStopAtLevel=1", "-XX:NewRatio=4", "-Xmx192m")));
    if (ownDatabase()) {
      children.add(new Child("postgres", postgres.argv(), data, "INT"));
      postgres.makeDatabase(START);
    }
    children.add(
        child(
            "control",
            List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:NewRatio=4",
                "-Xmx768m",
                // Who compresses layers on a virtual thread keeps its carrier: two of them would
                // stop everybody else on two cores.
                "-Djdk.virtualThreadScheduler.parallelism=16")));
    awaitReady(data, platform, children);
  }

  static boolean ownDatabase() {
    return OperatorDatabase.named().isEmpty();
  }

  /// Where processors are short everybody else waits for it, and not the users of all apps.
  private static List<String> first(List<String> argv) {
    var nice = new ArrayList<>(List.of("nice", "-n", "-5"));
    nice.addAll(argv);
    return nice;
  }

  private Child child(String part, List<String> flags) {
    return new Child(part, JavaProcess.part(part, data, flags), data, "TERM");
  }

  /// Ready: the controller answers, a rack is connected to it, a router to the rack, and pushes are
  /// taken.
  static void awaitReady(DataFolder data, Platform platform, List<Child> children)
      throws IOException {
    var client = new ApiClient(platform.controller(), new Secrets(data.secrets()).admin());
    var deadline = Instant.now().plus(START);
    var git = new GitDoor(platform.listen(), platform.ssh());
    while (!(ready(client) && git.isOpen())) {
      for (var child : children) {
        if (child.quickEnds() >= HOPELESS) {
          throw new Refused(
              "%s does not start: %s".formatted(child.name(), lastLine(child)),
              "read " + child.output() + " and the log beside it");
        }
      }
      if (Instant.now().isAfter(deadline)) {
        throw new Refused(
            "not ready after " + START.toSeconds() + " s", "read the logs in " + data.logs());
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  private static boolean ready(ApiClient client) {
    try {
      return client.get(Route.STATUS.path(), Views.Status.class).racks().stream()
          .anyMatch(rack -> rack.connected() && !rack.routers().isEmpty());
    } catch (ApiException _) {
      return false;
    }
  }

  private static String lastLine(Child child) throws IOException {
    return lastLine(child.output());
  }

  static String lastLine(Path file) throws IOException {
    if (!Files.exists(file)) {
      return "it printed nothing";
    }
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> !line.isBlank() && !line.startsWith("\t"))
          .reduce((_, last) -> last)
          .orElse("it printed nothing");
    }
  }

  /// Stops in reverse order of the start. The apps' containers go on running.
  void stop() throws IOException, InterruptedException {
    new Succession(data).end();
    for (var child : children.reversed()) {
      child.stop(STOP);
    }
    pidFile(data).delete();
    lock.close();
  }
}
