package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Halts a process at a failpoint while an app is used, and looks at what the restart makes of it.
final class Drill implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration WELL = Duration.ofSeconds(30);
  private static final int CLIENTS = 8;
  private static final String DOCKERFILE =
      """
      FROM IMAGE AS base
      FROM widemesh/build:13
      COPY --from=base /note.txt /srv/
      RUN sleep 3
      CMD ["python3", "-m", "http.server", "8080"]
      """;

  final TestPlatform platform;
  private final PrivateRegistry registry;
  private final Path file;
  private final App app;
  private int version;

  private Drill(TestPlatform platform, PrivateRegistry registry) throws IOException {
    this.platform = platform;
    this.registry = registry;
    this.file = platform.folder.resolve("failpoints");
    this.app = App.create(platform, platform.environmentOf("drill"), "shop");
    next(app).push().ok();
  }

  static Drill start() throws IOException {
    var registry = PrivateRegistry.start();
    var settings =
        Map.of("WIDEMESH_FAILPOINTS", "FOLDER/failpoints", "WIDEMESH_REGISTRIES", registry.host());
    return new Drill(TestPlatform.startWith(settings), registry);
  }

  private App next(App which) throws IOException {
    version++;
    return which.node("n" + version + "-").commit("n" + version);
  }

  /// Whatever happens at the point, the app goes on answering, and in the end all there is agrees.
  void at(Failpoint point) throws Exception {
    var began = System.nanoTime();
    var work = prepare(point);
    var before = platform.pidOf(point.process());
    try (var load = new Load(app, CLIENTS, PAUSE)) {
      arm(point);
      var running = Shell.inBackground(work::get);
      Await.until(point + " is passed", Duration.ofMinutes(2), this::hasHalted);
      var halted = System.nanoTime();
      awaitBack(point, before);
      var back = System.nanoTime();
      running.join(); // Whether it succeeded is not for it to know.
      awaitFinal();
      awaitHealth(point);
      work.check();
      var took = Duration.ofNanos(System.nanoTime() - back);
      if (!point.process().equals("router")) {
        assertThat(load.failures()).as(point.name()).isEmpty();
      }
      var answered = load.answered();
      Await.until("traffic", Duration.ofSeconds(20), () -> load.answered() > answered + 50);
      System.out.printf(
          "%s: %d answered, %d failed, reached after %d ms, back after %d ms, well %d ms later%n",
          point,
          load.answered(),
          load.failures().size(),
          (halted - began) / 1_000_000,
          (back - halted) / 1_000_000,
          took.toMillis());
      assertThat(took).as("well again after " + point).isLessThan(WELL);
    }
    assertThat(app.remoteHead()).as("the branch is what is live").isEqualTo(liveCommit());
  }

  /// A push from now on goes live.
  void pushGoesLive() throws IOException {
    next(app).push().ok();
    assertThat(app.answer()).startsWith("n" + version + "-");
  }

  private void arm(Failpoint point) throws IOException {
    Files.deleteIfExists(halted());
    var draft = file.resolveSibling("failpoints.draft");
    Files.writeString(draft, point.name() + " halt\n");
    Files.move(draft, file);
  }

  private Path halted() {
    return file.resolveSibling("failpoints.halted");
  }

  private boolean hasHalted() {
    return Files.exists(halted());
  }

  private interface Work {
    Shell.Result get();

    /// That nothing is lost of it.
    default void check() {}
  }

  /// What passes the point, its first steps done.
  private Work prepare(Failpoint point) throws IOException {
    return switch (point) {
      case PUSH_RECEIVED, PUSH_PACK_LINKED, PUSH_KEPT, PUSH_HIDDEN, PUSH_QUEUED, BRANCH_MOVED ->
          pushing(next(app));
      case LFS_FILE_KEPT -> new LfsFile(app, "file " + ++version);
      case BUILD_CLAIMED, SOURCE_EXPORTED, BUILD_CONTAINER_MADE, BUILD_ASSEMBLED, BLOB_KEPT ->
          pushing(toBeBuilt());
      case LAYERS_PATCHED -> {
        next(app).push().ok();
        yield pushing(next(app));
      }
      case MANIFEST_KEPT, IMAGE_PUSHED, CACHE_KEPT, BILL_ATTACHED, BUILD_REPORTED ->
          pushing(next(app));
      case PUSH_STORED, BUILD_LEASED, RESULT_STORED, COMMITTING, COMMITTED, ANNOUNCED ->
          pushing(next(app));
      case DEFINITION_SENT, DEFINITION_STORED, ADDRESS_TAKEN, CONTAINER_CREATED ->
          pushing(next(app));
      case CONTAINER_STARTED, TABLE_STORED, DRAINED, SIGTERM_SENT, LAST_LINE_READ ->
          pushing(next(app));
      case CONTAINER_REMOVED, TABLE_USED, SNAPSHOT_WRITTEN -> pushing(next(app));
      case PREPARED -> pushing(next(app.write("Procfile", "web: node server.js\nrelease: true\n")));
      case ROLLOUT_BEGUN -> () -> app.mesh("config", "set", "GREETING=" + ++version);
      case ROLLOUT_FAILED -> pushing(app.write("server.js", "process.exit(3)").commit("broken"));
      case CACHE_LAYER_MOVED -> pushing(other());
      case BASE_NOTED, DOCKERFILE_STEP_RUNS, DOCKERFILE_BUILT -> pushing(dockerfile());
      case DOCKERFILE_PUSHED, DOCKERFILE_CACHED -> pushing(dockerfile());
      case SUBNET_TAKEN, NETWORK_MADE -> {
        var name = "fresh-" + version++;
        yield () -> platform.mesh("env", "create", name);
      }
      case REPOSITORY_ASIDE, ENVIRONMENT_DELETED, ENVIRONMENT_FORGOTTEN, NETWORK_REMOVED -> {
        var other = other();
        other.push().ok();
        yield () -> platform.mesh("env", "delete", other.environment, "--yes");
      }
    };
  }

  /// Sent as git-lfs sends it.
  private record LfsFile(App app, String content) implements Work {
    @Override
    public Shell.Result get() {
      return ask("upload", packet("put-object " + oid()) + size() + packet(content) + "0000");
    }

    @Override
    public void check() {
      var again = packet("batch") + "0001" + packet(oid() + " " + content.length()) + "0000";
      assertThat(ask("upload", again).ok().out())
          .contains(oid() + " " + content.length() + " noop");
      var fetched = ask("download", packet("get-object " + oid()) + "0000").ok();
      assertThat(fetched.out()).contains("status 200").contains(content);
    }

    private String oid() {
      return Shell.printed("sh", "-c", "printf '%s' \"$0\" | sha256sum", content).substring(0, 64);
    }

    private String size() {
      return packet("size=" + content.length()) + "0001";
    }

    private Shell.Result ask(String way, String packets) {
      var command = "$GIT_SSH_COMMAND -p \"$0\" git@localhost \"git-lfs-transfer $1 $2\"";
      var path = app.environment + "/" + app.stack + ".git";
      return Shell.run(
          app.platform.folder,
          app.platform.environment(),
          List.of("sh", "-c", command, String.valueOf(app.platform.ssh), path, way),
          packets);
    }

    private static String packet(String text) {
      return "%04x%s".formatted(4 + text.length(), text);
    }
  }

  /// With another file that a build looks into.
  private App toBeBuilt() throws IOException {
    var built = next(app);
    var scripts = "{\"start\":\"node server.js\"}";
    return built
        .write(
            "package.json", "{\"version\":\"0.0." + version + "\",\"scripts\":" + scripts + "}\n")
        .commit("n" + version);
  }

  private App other() throws IOException {
    return next(App.create(platform, platform.environmentOf("other"), "side"));
  }

  private App dockerfile() throws IOException {
    var dockerfile = App.create(platform, platform.environmentOf("docker"), "side");
    registry.logIn(dockerfile.platform, dockerfile.environment, PrivateRegistry.PASSWORD).ok();
    var image = registry.publish("drill:" + ++version, "note.txt", "" + version);
    return dockerfile.write("Dockerfile", DOCKERFILE.replace("IMAGE", image)).commit("one");
  }

  private static Work pushing(App which) {
    return which::push;
  }

  private void awaitBack(Failpoint point, long before) {
    Await.until(
        point.process() + " is back after " + point,
        Duration.ofMinutes(1),
        () ->
            PidFile.of(point.process(), new DataFolder(platform.data)).process().isPresent()
                && platform.pidOf(point.process()) != before
                && platform.widemesh("status").exitCode() == 0);
  }

  private void awaitFinal() {
    Await.until(
        "every deployment has ended",
        Duration.ofMinutes(2),
        () -> {
          var list = app.deployments();
          return list.contains("\"version\":0")
              && !list.matches(".*\"state\":\"(queued|building|releasing|preparing)\".*");
        });
  }

  private void awaitHealth(Failpoint point) {
    var last = new CompletableFuture<Shell.Result>();
    try {
      Await.until(
          "nothing disagrees after " + point,
          Duration.ofSeconds(90),
          () -> {
            var found = platform.mesh("doctor", "--invariants");
            last.obtrudeValue(found);
            return found.exitCode() == 0;
          });
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + last.getNow(null), e);
    }
  }

  private String liveCommit() throws IOException {
    var list = app.mesh("deployments", "ls", "--json").ok().out();
    for (var deployment : Json.MAPPER.readTree(list)) {
      if (deployment.path("live").asBoolean()) {
        return deployment.path("commit").asText();
      }
    }
    throw new AssertionError("nothing is live: " + list);
  }

  @Override
  public void close() throws IOException {
    platform.close();
    registry.close();
  }
}
