package dev.widemesh.allinone;

import dev.widemesh.api.ApiClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A whole platform in a folder of its own, started and stopped as a person does it: four
/// processes, real PostgreSQL, real Docker Engine, ports that nobody else uses.
final class TestPlatform implements AutoCloseable {
  /// Of each process of tests its own: two that start at once would choose the same one, and the
  /// platforms choose theirs above.
  private static final FreePorts PORTS = ports(Integer.getInteger("widemesh.fork", 1));

  private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

  /// Shared with the builder's tests, and kept.
  static final Path CACHE = TEMPORARY.resolve("widemesh-test-cache");

  static final Path HOME = Path.of(System.getProperty("widemesh.home"));

  final Path folder;
  final Path data;
  final int http;
  final int https;
  final int ssh;
  final int api;

  private final Map<String, String> variables;

  private TestPlatform(Path folder, Map<String, String> variables) throws IOException {
    this.folder = folder;
    this.variables = variables;
    this.data = folder.resolve("data");
    this.http = freePort();
    this.https = freePort();
    this.ssh = freePort();
    this.api = freePort();
  }

  private static FreePorts ports(int fork) {
    return FreePorts.between(10_000 + fork % 4 * 2000, 12_000 + fork % 4 * 2000);
  }

  static TestPlatform start() throws IOException {
    return startWith(Map.of());
  }

  /// With these environment variables for all that runs on it; `FOLDER` is its folder.
  static TestPlatform startWith(Map<String, String> variables) throws IOException {
    return startOn(TEMPORARY, variables);
  }

  /// In a folder of that disk, with these variables and these options of `up` besides.
  static TestPlatform startOn(Path disk, Map<String, String> variables, String... options)
      throws IOException {
    var platform = stoppedOn(disk, variables);
    try {
      platform.makeKey("id");
      platform.tryUp(options).ok();
      platform.mesh("keys", "add", platform.folder.resolve("id.pub").toString()).ok();
      return platform;
    } catch (AssertionError | RuntimeException failure) {
      throw platform.failed(failure);
    }
  }

  /// Nobody closes what was never started: nothing of it stays but the end of its logs.
  private AssertionError failed(Throwable failure) {
    var words = "%s does not start: %s%n%s".formatted(data, failure.getMessage(), lastWords());
    var failed = new AssertionError(words, failure);
    try {
      close();
    } catch (AssertionError | IOException | RuntimeException e) {
      failed.addSuppressed(e);
    }
    return failed;
  }

  private String lastWords() {
    var argv = new ArrayList<>(List.of("tail", "-v", "-n", "30"));
    try (var logs = Files.list(new DataFolder(data).logs())) {
      logs.sorted().forEach(log -> argv.add(log.toString()));
    } catch (IOException _) {
      return "there are no logs";
    }
    return Shell.run(folder, Map.of(), argv).all();
  }

  static TestPlatform stopped(Map<String, String> variables) throws IOException {
    return stoppedOn(TEMPORARY, variables);
  }

  private static TestPlatform stoppedOn(Path disk, Map<String, String> variables)
      throws IOException {
    return new TestPlatform(folderOn(disk), variables);
  }

  /// A fresh one, through which PostgreSQL's own user may go.
  static Path folderOn(Path disk) throws IOException {
    var folder = Files.createTempDirectory(disk, "widemesh-test-");
    Files.setPosixFilePermissions(
        folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
    return folder;
  }

  void up() {
    tryUp().ok();
  }

  Shell.Result tryUp(String... more) {
    return widemesh(upWith(more));
  }

  /// `up` and its options: in the background, with these ports.
  String[] upWith(String... more) {
    var argv = new ArrayList<>(List.of("up", "--detach", "--http", "" + http));
    argv.addAll(List.of("--https", "" + https, "--ssh", "" + ssh, "--api", "" + api));
    argv.addAll(List.of(more));
    return argv.toArray(String[]::new);
  }

  /// `./widemesh COMMAND --data <its folder>`.
  Shell.Result widemesh(String... args) {
    return Shell.run(folder, environment(), widemeshArgv(args));
  }

  Process startWidemesh(String... args) throws IOException {
    return Shell.start(folder, environment(), widemeshArgv(args));
  }

  private List<String> widemeshArgv(String... args) {
    var argv = new ArrayList<>(List.of(PackagedClone.get().widemesh()));
    argv.addAll(List.of(args));
    argv.addAll(List.of("--data", data.toString()));
    return argv;
  }

  Shell.Result mesh(String... args) {
    return meshIn(folder, args);
  }

  Shell.Result meshIn(Path working, String... args) {
    return meshTyping("", working, args);
  }

  /// With that on its standard input.
  Shell.Result meshTyping(String typed, Path working, String... args) {
    var argv = new ArrayList<>(List.of(PackagedClone.get().mesh()));
    argv.addAll(List.of(args));
    return Shell.run(working, environment(), argv, typed);
  }

  /// A fresh environment; the name is made up by the platform.
  String environmentOf(String prefix) {
    var name = prefix + "-" + Long.toString(System.nanoTime() % 1_000_000_000L, 36);
    mesh("env", "create", name).ok();
    return name;
  }

  Map<String, String> environment() {
    var environment = new HashMap<>(PackagedClone.with(Map.of()));
    environment.put("MESH_LOGIN", data.resolve("login.json").toString());
    environment.put("XDG_CONFIG_HOME", folder.resolve("config").toString());
    environment.put("WIDEMESH_CACHE", CACHE.toString());
    environment.put("GIT_SSH_COMMAND", sshWith("id"));
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    environment.put("GIT_AUTHOR_NAME", "Ada");
    environment.put("GIT_AUTHOR_EMAIL", "ada@example.org");
    environment.put("GIT_COMMITTER_NAME", "Ada");
    environment.put("GIT_COMMITTER_EMAIL", "ada@example.org");
    variables.forEach(
        (name, value) -> environment.put(name, value.replace("FOLDER", folder.toString())));
    return environment;
  }

  String sshWith(String key) {
    return "ssh -i %s -o IdentitiesOnly=yes -o UserKnownHostsFile=%s -o StrictHostKeyChecking=accept-new -o LogLevel=ERROR"
        .formatted(folder.resolve(key), folder.resolve("known_hosts"));
  }

  void makeKey(String name) {
    Shell.run(folder, Map.of(), List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name))
        .ok();
  }

  String remote(String environment, String stack) {
    return "ssh://git@localhost:%d/%s/%s.git".formatted(ssh, environment, stack);
  }

  /// The ids of the containers, running or not, of all stacks of that name on this platform.
  List<String> containers(String stack) throws IOException {
    return Shell.run(
            folder,
            Map.of(),
            List.of(
                "docker",
                "ps",
                "-aq",
                "--filter",
                "label=dev.widemesh.platform=" + Platform.read(new DataFolder(data)).id(),
                "--filter",
                "label=dev.widemesh.stack=" + stack))
        .ok()
        .out()
        .lines()
        .toList();
  }

  long pidOf(String part) throws IOException {
    return PidFile.of(part, new DataFolder(data)).process().orElseThrow().pid();
  }

  /// `kill -9`, and nothing else.
  void kill(String part) throws IOException {
    ProcessHandle.of(pidOf(part)).orElseThrow().destroyForcibly();
  }

  /// `kill -STOP` or `kill -CONT` of all these parts.
  void signal(String name, String... parts) throws IOException {
    for (var part : parts) {
      Shell.run(folder, Map.of(), List.of("kill", "-" + name, "" + pidOf(part))).ok();
    }
  }

  /// The API without the start of a `mesh`: for what is measured.
  ApiClient api() throws IOException {
    return new ApiClient(
        URI.create("http://127.0.0.1:" + api), new Secrets(new DataFolder(data).secrets()).admin());
  }

  /// Its rows, as the controller has them.
  Connection database() throws IOException, SQLException {
    var folder = new DataFolder(data);
    var url = "jdbc:postgresql://127.0.0.1:%d/widemesh".formatted(Platform.read(folder).postgres());
    return DriverManager.getConnection(url, "widemesh", new Secrets(folder.secrets()).database());
  }

  static int freePort() throws IOException {
    return PORTS.next();
  }

  /// Whatever happened, nothing of it is left on the machine.
  @Override
  public void close() throws IOException {
    var kept = System.getenv("KEEP_TEST_DATA");
    if (kept == null) {
      if (new DataFolder(data).exists()) {
        widemesh("purge", "--yes").ok();
      }
      PostgresBinaries.deleteTree(folder);
    }
  }
}
