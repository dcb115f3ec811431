package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A dockerd of our own beside the machine's, with live-restore, to be killed and stopped at will.
/// It leaves the machine's firewall rules alone; those by which its builds reach the Internet are
/// made and removed here.
final class OwnDocker implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final String POOL = "10.199.0.0/16";

  /// Without a bridge of its own it would take the machine's, or (`none`) remove it.
  private static final String BRIDGE = "wm-own-docker";

  private static final String BRIDGE_ADDRESS = "10.198.199.1/24";
  private static final List<List<String>> RULES =
      List.of(
          List.of("filter", "DOCKER-USER", "-s", POOL, "-j", "ACCEPT"),
          List.of("filter", "DOCKER-USER", "-d", POOL, "-j", "ACCEPT"),
          List.of("nat", "POSTROUTING", "-s", POOL, "!", "-d", POOL, "-j", "MASQUERADE"));

  private final Path folder;
  private Process process;

  private OwnDocker(Path folder) throws IOException {
    this.folder = folder;
    run(List.of("ip", "link", "delete", BRIDGE)); // of a run that was killed
    run(List.of("ip", "link", "add", BRIDGE, "type", "bridge")).ok();
    run(List.of("ip", "address", "add", BRIDGE_ADDRESS, "dev", BRIDGE)).ok();
    run(List.of("ip", "link", "set", BRIDGE, "up")).ok();
    this.process = launch();
  }

  static OwnDocker start() throws IOException {
    var docker = new OwnDocker(Files.createTempDirectory("widemesh-docker-"));
    docker.awaitAnswer();
    RULES.forEach(rule -> docker.rule("-I", rule).ok());
    return docker;
  }

  String host() {
    return "unix://" + folder.resolve("docker.sock");
  }

  private Process launch() throws IOException {
    var argv =
        List.of(
            "dockerd",
            "--live-restore",
            "--bridge=" + BRIDGE,
            "--iptables=false",
            "--ip6tables=false",
            "--default-address-pool=base=" + POOL + ",size=24",
            "--host=" + host(),
            "--data-root=" + folder.resolve("data"),
            "--exec-root=" + folder.resolve("exec"),
            "--pidfile=" + folder.resolve("pid"));
    return new ProcessBuilder(argv)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
  }

  private void awaitAnswer() {
    Await.until(
        "the other dockerd answers",
        START,
        () -> run(List.of("docker", "--host", host(), "info")).exitCode() == 0);
  }

  /// `kill -9`: its containers go on.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void startAgain() throws IOException {
    process = launch();
    awaitAnswer();
  }

  void signal(String name) {
    run(List.of("kill", "-" + name, Long.toString(process.pid()))).ok();
  }

  private Shell.Result rule(String verb, List<String> rule) {
    var argv = new ArrayList<>(List.of("iptables", "-w", "5", "-t", rule.get(0), verb));
    argv.addAll(rule.subList(1, rule.size()));
    return run(argv);
  }

  private Shell.Result run(List<String> argv) {
    return Shell.run(folder, Map.of(), argv);
  }

  /// After its containers were removed. Nothing of it is left.
  @Override
  public void close() throws IOException {
    process.destroy();
    RULES.forEach(rule -> rule("-D", rule));
    Await.until("the other dockerd ends", START, () -> !process.isAlive());
    run(List.of("ip", "link", "delete", BRIDGE)).ok();
    unmountAll();
    PostgresBinaries.deleteTree(folder);
  }

  /// One that was killed leaves what it mounted.
  private void unmountAll() throws IOException {
    var mounted = Files.readAllLines(Path.of("/proc/self/mounts")).reversed();
    for (var line : mounted) {
      var place = line.split(" ", -1)[1];
      if (place.startsWith(folder.toString())) {
        run(List.of("umount", place)).ok();
      }
    }
  }
}
