package dev.widemesh.builder.lifecycle;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import dev.widemesh.model.Failpoint;
import dev.widemesh.model.Strain;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// One container per build, without rights, that programs of the build run in one after another. It
/// ends by itself should nobody be left to remove it.
public final class BuildContainer implements AutoCloseable {
  static final long TMP = 1_000_000_000;
  private static final Duration SETTLING = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(10);

  /// When the server itself has no memory left: before any app, and long before the platform.
  private static final int FIRST_TO_GO = 900;

  private final Engine engine;
  private final String id;
  private final HostUser user;
  private final long pid;

  private BuildContainer(Engine engine, String id, HostUser user, long pid) {
    this.engine = engine;
    this.id = id;
    this.user = user;
    this.pid = pid;
  }

  /// `binds` are paths of this machine and paths inside, as `docker run -v` takes them.
  public static BuildContainer start(
      Engine engine,
      String image,
      String build,
      List<String> binds,
      HostUser user,
      BuildLimits limits,
      Duration lifetime)
      throws IOException, InterruptedException, BuildRefused {
    engine.ensureNetwork(engine.network());
    engine.ensureImage(image);
    var container =
        engine
            .calls()
            .createContainerCmd(image)
            .withName("wm-" + engine.platform() + "-build-" + build)
            .withLabels(Map.of(Engine.PLATFORM, engine.platform(), Engine.BUILD, build))
            .withUser(user.uid() + ":" + user.gid())
            .withWorkingDir("/workspace")
            .withEntrypoint("/bin/sleep")
            .withCmd(String.valueOf(lifetime.toSeconds()))
            .withHostConfig(host(engine.network(), binds, limits))
            .exec();
    Failpoint.BUILD_CONTAINER_MADE.pass();
    try {
      engine.calls().startContainerCmd(container.getId()).exec();
      return new BuildContainer(engine, container.getId(), user, pid(engine, container.getId()));
    } catch (RuntimeException e) {
      engine.remove(container.getId());
      throw e;
    }
  }

  private static long pid(Engine engine, String id) {
    var pid = engine.calls().inspectContainerCmd(id).exec().getState().getPidLong();
    return pid == null ? 0 : pid;
  }

  private static HostConfig host(String network, List<String> binds, BuildLimits limits) {
    return HostConfig.newHostConfig()
        .withNetworkMode(network)
        .withBinds(binds.stream().map(Bind::parse).toList())
        .withTmpFs(Map.of("/tmp", "rw,exec,nosuid,nodev,mode=1777,size=" + TMP))
        .withReadonlyRootfs(true)
        .withCapDrop(Capability.ALL)
        .withSecurityOpts(List.of("no-new-privileges"))
        .withMemory(limits.memory())
        .withMemorySwap(limits.memory())
        .withNanoCPUs((long) (limits.cpus() * 1e9))
        .withCpuShares(BuildLimits.CPU_SHARES)
        .withOomScoreAdj(FIRST_TO_GO)
        .withPidsLimit((long) limits.processes())
        .withInit(true)
        .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE));
  }

  /// Runs a program with exactly this environment and waits for its exit code. `TimeoutException`
  /// leaves it running: kill the container.
  public int run(
      List<String> argv, Map<String, String> environment, Consumer<String> sink, Duration limit)
      throws InterruptedException, IOException, TimeoutException {
    return settled(() -> runNow(argv, environment, sink, limit));
  }

  private int runNow(
      List<String> argv, Map<String, String> environment, Consumer<String> sink, Duration limit)
      throws InterruptedException, IOException, TimeoutException {
    var exec =
        engine
            .calls()
            .execCreateCmd(id)
            .withUser(user.uid() + ":" + user.gid())
            .withWorkingDir("/workspace")
            .withAttachStdout(true)
            .withAttachStderr(true)
            .withCmd(clean(argv, environment))
            .exec();
    try (var lines = engine.streams().execStartCmd(exec.getId()).exec(new Lines(sink))) {
      if (!lines.awaitCompletion(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimeoutException();
      }
    }
    return engine.exitCode(exec.getId());
  }

  // The container's own environment must not leak into buildpacks.
  private static String[] clean(List<String> argv, Map<String, String> environment) {
    var all = new ArrayList<>(List.of("/usr/bin/env", "-i"));
    environment.forEach((name, value) -> all.add(name + "=" + value));
    all.addAll(argv);
    return all.toArray(String[]::new);
  }

  Strain strain() {
    return Strain.of(pid);
  }

  /// Freezes every program in it, so that its files can be read in peace.
  void pause() throws InterruptedException, IOException, TimeoutException {
    var _ = settled(() -> engine.calls().pauseContainerCmd(id).exec());
  }

  void resume() throws InterruptedException, IOException, TimeoutException {
    var _ = settled(() -> engine.calls().unpauseContainerCmd(id).exec());
  }

  /// What the daemon is asked.
  private interface Call<T> {
    T ask() throws InterruptedException, IOException, TimeoutException;
  }

  /// The daemon hears of a pause from containerd a second time, and late: until then it may take
  /// for paused what it has just resumed, and the reverse. It refuses before it does anything.
  private static <T> T settled(Call<T> call)
      throws InterruptedException, IOException, TimeoutException {
    var end = System.nanoTime() + SETTLING.toNanos();
    while (true) {
      try {
        return call.ask();
      } catch (ConflictException e) {
        if (!String.valueOf(e.getMessage()).contains("paused") || System.nanoTime() > end) {
          throw e;
        }
      }
      Thread.sleep(LOOK);
    }
  }

  /// Ends every program in it, from any thread.
  void kill() {
    engine.kill(id);
  }

  /// Whether nothing in it runs any more.
  boolean end() {
    return engine.end(id);
  }

  @Override
  public void close() {
    engine.remove(id);
  }
}
