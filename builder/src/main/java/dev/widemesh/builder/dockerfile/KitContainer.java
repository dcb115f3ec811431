package dev.widemesh.builder.dockerfile;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.LogConfig.LoggingType;
import com.google.common.io.Resources;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.Strain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// `buildkitd` for one build: a container with the build's limits, which its steps share, and a
/// network of its own. In it the daemon is root of a user namespace whose ids belong to nobody on
/// this machine; the container has no capability but the two that make such a namespace.
final class KitContainer implements AutoCloseable {
  /// The first of 65,536 ids that only builds have.
  static final int FIRST_ID = 1_500_000_000;

  private static final String USER = FIRST_ID + ":" + FIRST_ID;
  private static final String SOCKET = "/run/buildkit/buildkitd.sock";
  private static final String TRACES = "/run/traces.sock";
  private static final Duration READY = Duration.ofSeconds(60);

  /// What a step may print beyond its limit, so that it is seen to have passed it.
  private static final long NOTICED = 1_000_000;

  /// When the server itself has no memory left: before any app, and long before the platform.
  private static final int FIRST_TO_GO = 900;

  /// On this machine. The daemon owns `state` and `out`; what is in `context` and `bases` is only
  /// read.
  record Folders(Path programs, Path state, Path bases, Path context, Path out) {
    List<String> binds() {
      return List.of(
          programs + ":/kit:ro",
          state + ":/var/lib/buildkit",
          bases + ":/bases:ro",
          context + ":/context:ro",
          out + ":/out");
    }

    /// Gives them to the daemon's root.
    void hand() throws IOException {
      for (var folder : List.of(state, out)) {
        Files.createDirectories(folder);
        own(folder);
      }
    }
  }

  /// Of one build: what it runs in, and whom it is reached by. Its steps get `network`.
  record Place(String build, Mark mark, String image, String network, Folders folders) {}

  // The client has no word for these two.
  private static final class Unmasked extends HostConfig {
    private static final long serialVersionUID = 1;

    @JsonProperty("MaskedPaths")
    List<String> masked() {
      return List.of();
    }

    @JsonProperty("ReadonlyPaths")
    List<String> readonly() {
      return List.of();
    }
  }

  private final Engine engine;
  private final String id;
  private final long pid;
  private final Folders folders;

  private KitContainer(Engine engine, String id, long pid, Folders folders) {
    this.engine = engine;
    this.id = id;
    this.pid = pid;
    this.folders = folders;
  }

  /// Answers once the daemon can be asked.
  static KitContainer start(Engine engine, Place place, BuildLimits limits)
      throws IOException, InterruptedException {
    place.folders().hand();
    try {
      return start(engine, create(engine, place, limits), place.folders());
    } catch (DockerException e) {
      throw new IOException("Docker cannot start it: " + e.getMessage(), e);
    }
  }

  private static String create(Engine engine, Place place, BuildLimits limits) throws IOException {
    var mark = place.mark();
    return engine
        .calls()
        .createContainerCmd(place.image())
        .withName("wm-" + engine.platform() + "-build-" + place.build())
        .withLabels(Map.of(Mark.NAME, mark.platform() + "/" + mark.stack()))
        .withUser("0:0")
        .withWorkingDir("/")
        .withEnv(
            "HOME=/tmp",
            "XDG_RUNTIME_DIR=/run",
            "PATH=/kit:/usr/sbin:/usr/bin",
            // The daemon holds all that a step prints and waits for no reader: what is more than a
            // build may print it drops, or it would have no memory left before we have counted.
            "BUILDKIT_STEP_LOG_MAX_SIZE=" + (limits.printed() + NOTICED),
            "BUILDKIT_STEP_LOG_MAX_SPEED=-1")
        .withEntrypoint("/usr/bin/python3")
        .withCmd(daemon(limits.time().plus(READY).plus(READY)))
        .withHostConfig(host(place.network(), place.folders(), limits))
        .exec()
        .getId();
  }

  private static KitContainer start(Engine engine, String id, Folders folders)
      throws IOException, InterruptedException {
    try {
      engine.calls().startContainerCmd(id).exec();
      var container = new KitContainer(engine, id, pid(engine, id), folders);
      container.await();
      return container;
    } catch (DockerException | IOException | InterruptedException e) {
      engine.remove(id);
      throw e;
    }
  }

  private static List<String> daemon(Duration lifetime) throws IOException {
    return List.of(
        "-c",
        script("launch.py"),
        String.valueOf(FIRST_ID),
        String.valueOf(lifetime.toSeconds()),
        "/kit/buildkitd",
        KitContext.FRONTENDS,
        "--rootless",
        "--root=/var/lib/buildkit",
        "--addr=unix://" + SOCKET,
        "--otel-socket-path=" + TRACES,
        "--cdi-disabled",
        "--containerd-worker=false",
        "--oci-worker=true",
        "--oci-worker-gc=false",
        // Else the lines of two steps mix, and nobody knows which of them took the memory.
        "--oci-max-parallelism=1",
        "--oci-worker-net=host",
        // "host" is this container, which is where steps are in any case: only so do they get its
        // resolv.conf as it is.
        "--allow-insecure-entitlement=network.host");
  }

  private static String script(String name) throws IOException {
    return Resources.toString(
        Resources.getResource(KitContainer.class, name), StandardCharsets.UTF_8);
  }

  private static HostConfig host(String network, Folders folders, BuildLimits limits) {
    var tmpfs = "rw,exec,nosuid,nodev,mode=700,uid=%1$d,gid=%1$d,size=".formatted(FIRST_ID);
    return new Unmasked()
        .withNetworkMode(network)
        .withBinds(folders.binds().stream().map(Bind::parse).toList())
        .withTmpFs(Map.of("/tmp", tmpfs + "100000000", "/run", tmpfs + "100000000"))
        .withReadonlyRootfs(true)
        .withCapDrop(Capability.ALL)
        .withCapAdd(Capability.SETUID, Capability.SETGID)
        // Docker's own profiles forbid what a user namespace is made and filled with. BuildKit
        // puts each step under the usual one.
        .withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined"))
        .withMemory(limits.memory())
        .withMemorySwap(limits.memory())
        .withNanoCPUs((long) (limits.cpus() * 1e9))
        .withCpuShares(BuildLimits.CPU_SHARES)
        .withOomScoreAdj(FIRST_TO_GO)
        .withPidsLimit((long) limits.processes())
        .withInit(true)
        .withLogConfig(
            new LogConfig(LoggingType.JSON_FILE, Map.of("max-size", "1m", "max-file", "1")));
  }

  private static long pid(Engine engine, String id) {
    var pid = engine.calls().inspectContainerCmd(id).exec().getState().getPidLong();
    return pid == null ? 0 : pid;
  }

  private void await() throws IOException, InterruptedException {
    var said = new ArrayList<String>();
    var argv =
        List.of(
            "/usr/bin/python3",
            "-c",
            script("await.py"),
            SOCKET,
            TRACES,
            String.valueOf(READY.toSeconds()));
    if (run(argv, List.of(), said::add) != 0) {
      throw new IOException("buildkitd does not start: " + lastWords(said));
    }
  }

  /// What the daemon wrote last, and then `said`.
  private String lastWords(List<String> said) throws InterruptedException {
    var words = new ArrayList<String>();
    try (var lines =
        engine
            .streams()
            .logContainerCmd(id)
            .withStdOut(true)
            .withStdErr(true)
            .withTail(5)
            .exec(new Lines(words::add))) {
      lines.awaitCompletion(5, TimeUnit.SECONDS);
    } catch (IOException | DockerException _) {
      words.clear();
    }
    words.addAll(said);
    return String.join(" / ", words);
  }

  /// Runs a program beside the daemon, as its root, and waits for its exit code; `lines` are what
  /// it prints. Ends with the container at the latest.
  int run(List<String> argv, List<String> environment, Consumer<String> lines)
      throws InterruptedException, IOException {
    var all = new ArrayList<>(List.of("HOME=/tmp"));
    all.addAll(environment);
    try {
      var exec =
          engine
              .calls()
              .execCreateCmd(id)
              .withUser(USER)
              .withEnv(all)
              .withAttachStdout(true)
              .withAttachStderr(true)
              .withCmd(argv.toArray(String[]::new))
              .exec();
      try (var output = engine.streams().execStartCmd(exec.getId()).exec(new Lines(lines))) {
        output.awaitCompletion();
      }
      return engine.exitCode(exec.getId());
    } catch (DockerException e) { // 404 and 409 where it was ended meanwhile
      throw new IOException("Docker runs nothing in the build's container: " + e.getMessage(), e);
    }
  }

  /// `buildctl` with these words.
  int ask(List<String> words, List<String> environment, Consumer<String> lines)
      throws InterruptedException, IOException {
    var argv = new ArrayList<>(List.of("/kit/buildctl", "--addr=unix://" + SOCKET));
    argv.addAll(words);
    return run(argv, environment, lines);
  }

  /// The files that it has open and deleted.
  OpenFiles.Sum unlinked() {
    return new OpenFiles(pid, folders.state(), OpenFiles.MOST).sum();
  }

  /// What the kernel refused it so far.
  Strain strain() {
    return Strain.of(pid);
  }

  /// Whether the kernel ended the daemon itself for want of memory.
  boolean ranOutOfMemory() {
    try {
      var state = engine.calls().inspectContainerCmd(id).exec().getState();
      return Boolean.TRUE.equals(state.getOOMKilled());
    } catch (DockerException _) {
      return false;
    }
  }

  /// Ends every program in it, from any thread.
  void kill() {
    engine.kill(id);
  }

  @Override
  public void close() {
    engine.remove(id);
  }

  private static void own(Path folder) throws IOException {
    Files.setAttribute(folder, "unix:uid", FIRST_ID, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(folder, "unix:gid", FIRST_ID, LinkOption.NOFOLLOW_LINKS);
  }

  /// Cuts what a program prints into lines; the statuses of BuildKit are long ones.
  private static final class Lines extends ResultCallback.Adapter<Frame> {
    private static final int LONGEST = 4 << 20;

    private final Consumer<String> sink;
    private final ByteArrayOutputStream open = new ByteArrayOutputStream();

    Lines(Consumer<String> sink) {
      this.sink = sink;
    }

    @Override
    public void onNext(Frame frame) {
      for (var b : frame.getPayload()) {
        if (b == '\n' || open.size() >= LONGEST) {
          flush();
        }
        if (b != '\n') {
          open.write(b);
        }
      }
    }

    @Override
    public void onComplete() {
      flush();
      super.onComplete();
    }

    private void flush() {
      if (open.size() > 0) {
        sink.accept(open.toString(StandardCharsets.UTF_8));
        open.reset();
      }
    }
  }
}
