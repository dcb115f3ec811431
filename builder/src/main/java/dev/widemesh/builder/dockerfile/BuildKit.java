package dev.widemesh.builder.dockerfile;

import com.google.common.io.Resources;
import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.lifecycle.BuildContainer;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.HostUser;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.Reach;
import dev.widemesh.builder.lifecycle.Sandbox;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where BuildKit comes from: a folder that the operator named, or the Go module proxy, from which
/// it is compiled the first time that a Dockerfile needs it. The image that it runs in is made of
/// Debian packages, as base images are.
public final class BuildKit {
  /// What is compiled; `go.sum.pinned` holds the hashes of all its parts.
  static final String VERSION = "v0.34.2";

  private static final String GO = "1.26.8";
  private static final Map<String, String> TOOLCHAINS =
      Map.of(
          "amd64", "30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7",
          "arm64", "02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99");

  private static final Logger log = LoggerFactory.getLogger(BuildKit.class);
  private static final List<String> PROGRAMS = List.of("buildkitd", "buildctl");
  private static final Duration LIMIT = Duration.ofMinutes(20);
  private static final Duration PAUSE = Duration.ofMinutes(5);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String WORK = "work-";
  private static final String FRESH = "new-";
  private static final BuildLimits MAKING =
      new BuildLimits(LIMIT, 2_500_000_000L, 2, 512, 10_000_000_000L, 10_000_000);

  /// `programs` is the folder with `buildkitd` and `buildctl`, `image` what they run in.
  record Kit(Path programs, String image) {}

  /// The two images, by full reference; they are made where that was not done.
  public interface Images {
    /// Has runc and Python.
    String kit(Consumer<String> progress) throws IOException;

    /// Has a shell, curl and unzip.
    String build(Consumer<String> progress) throws IOException, InterruptedException, BuildRefused;
  }

  /// BuildKit is not here, and `why`.
  static final class Missing extends Exception {
    private static final long serialVersionUID = 1;

    private final String why;

    Missing(String why) {
      super(why);
      this.why = why;
    }

    String why() {
      return why;
    }
  }

  private final LifecycleConfig config;
  private final Engine engine;
  private final Path cache;
  private final Optional<Path> named;
  private final Images images;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private Optional<CompletableFuture<Kit>> making = Optional.empty();
  private long failedAt;

  /// `cache` is what platforms of this machine share, `named` the operator's folder.
  public BuildKit(
      LifecycleConfig config, Engine engine, Path cache, Optional<Path> named, Images images) {
    this.config = config;
    this.engine = engine;
    this.cache = cache.toAbsolutePath().normalize().resolve("buildkit");
    this.named = named;
    this.images = images;
  }

  /// Waits for it if need be, until `stopped`; `progress` hears what is done meanwhile.
  Kit get(Consumer<String> progress, BooleanSupplier stopped)
      throws InterruptedException, IOException, Missing {
    if (!isRoot()) {
      throw new Missing("it takes a platform that runs as root");
    }
    listeners.add(progress);
    try {
      var kit = await(current(), stopped);
      return isHere(kit) ? kit : await(anew(kit), stopped);
    } finally {
      listeners.remove(progress);
    }
  }

  /// What it runs in, once it is ready: by full reference.
  public synchronized Optional<String> image() {
    return making
        .filter(known -> known.state() == Future.State.SUCCESS)
        .map(known -> known.resultNow().image());
  }

  /// The engine may have lost the image since, and the registry too.
  private boolean isHere(Kit kit) throws IOException, InterruptedException {
    try {
      engine.ensureImage(kit.image());
      return true;
    } catch (BuildRefused e) {
      log.info("{} is made again: {}", kit.image(), e.getMessage());
      return false;
    }
  }

  private synchronized Future<Kit> anew(Kit lost) {
    if (making.filter(known -> isOf(known, lost)).isPresent()) {
      making = Optional.empty();
    }
    return current();
  }

  private static boolean isOf(Future<Kit> known, Kit kit) {
    return known.state() == Future.State.SUCCESS && known.resultNow().equals(kit);
  }

  private static boolean isRoot() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
  }

  private static Kit await(Future<Kit> kit, BooleanSupplier stopped)
      throws InterruptedException, Missing {
    var end = System.nanoTime() + LIMIT.toNanos();
    while (!stopped.getAsBoolean() && System.nanoTime() < end) {
      try {
        return kit.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException _) {
        log.trace("still at it");
      } catch (ExecutionException e) {
        throw new Missing("it cannot be had: " + words(e));
      }
    }
    throw new Missing("it was not ready within %d minutes".formatted(LIMIT.toMinutes()));
  }

  private static String words(ExecutionException e) {
    var cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }

  /// What failed is not tried again at once.
  private synchronized Future<Kit> current() {
    var known = making.filter(this::isGood);
    if (known.isEmpty()) {
      var fresh = new CompletableFuture<Kit>();
      making = Optional.of(fresh);
      Thread.ofVirtual().name("buildkit").start(() -> make(fresh));
      return fresh;
    }
    return known.get();
  }

  private boolean isGood(CompletableFuture<Kit> known) {
    return switch (known.state()) {
      case RUNNING -> true;
      case SUCCESS -> holdsAll(known.resultNow().programs());
      case FAILED, CANCELLED -> System.nanoTime() - failedAt < PAUSE.toNanos();
    };
  }

  private void make(CompletableFuture<Kit> future) {
    try {
      var programs = programs();
      var image = images.kit(this::tell);
      engine.ensureImage(image);
      future.complete(new Kit(programs, image));
    } catch (Exception e) { // all that there is ends with its reason at whoever waits
      log.warn("BuildKit cannot be had: {}", e.toString());
      fail(future, e);
    } finally {
      fail(future, new IOException("making it broke off"));
    }
  }

  private synchronized void fail(CompletableFuture<Kit> future, Exception e) {
    if (future.completeExceptionally(e)) {
      failedAt = System.nanoTime();
    }
  }

  private void tell(String line) {
    log.info("{}", line);
    listeners.forEach(listener -> listener.accept(line));
  }

  private Path programs() throws IOException, InterruptedException, BuildRefused {
    if (named.isPresent()) {
      if (!holdsAll(named.get())) {
        throw new IOException(named.get() + " does not have " + String.join(" and ", PROGRAMS));
      }
      return named.get();
    }
    var programs = cache.resolve(identity());
    if (!holdsAll(programs)) {
      compileAlone(programs);
    }
    return programs;
  }

  /// One at a time on this machine, so what others left of the work is of nobody who lives.
  private void compileAlone(Path programs) throws IOException, InterruptedException, BuildRefused {
    Files.createDirectories(cache);
    try (var gate =
            FileChannel.open(
                cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = entered(gate)) {
      clear();
      if (!holdsAll(programs)) {
        compile(programs);
      }
    }
  }

  private FileLock entered(FileChannel gate) throws IOException, InterruptedException {
    var end = System.nanoTime() + LIMIT.toNanos();
    for (var told = false; System.nanoTime() < end; told = true) {
      var lock = attempt(gate);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (!told) {
        tell("Waiting: somebody else on this machine prepares BuildKit already");
      }
      Thread.sleep(LOOK);
    }
    throw new IOException(
        "somebody else prepares it for more than %d minutes".formatted(LIMIT.toMinutes()));
  }

  private static Optional<FileLock> attempt(FileChannel gate) throws IOException {
    try {
      return Optional.ofNullable(gate.tryLock());
    } catch (OverlappingFileLockException _) { // another thread of this process
      return Optional.empty();
    }
  }

  private void clear() throws IOException {
    try (var left = Files.list(cache)) {
      for (var folder : left.filter(BuildKit::isWork).toList()) {
        WorkFolders.delete(folder);
      }
    }
  }

  private static boolean isWork(Path folder) {
    var name = String.valueOf(folder.getFileName());
    return name.startsWith(WORK) || name.startsWith(FRESH);
  }

  private static boolean holdsAll(Path folder) {
    return PROGRAMS.stream().allMatch(name -> Files.isExecutable(folder.resolve(name)));
  }

  private static String identity() throws IOException {
    var parts =
        List.of(GO, toolchain(), text("go.mod.pinned"), text("go.sum.pinned"), text("make.sh"));
    return "%s-%s-%s".formatted(VERSION, Architecture.ofHost(), Sha256.of(parts).substring(7, 19));
  }

  private static String toolchain() throws IOException {
    var known = TOOLCHAINS.get(Architecture.ofHost());
    if (known == null) {
      throw new IOException("it is not made for " + Architecture.ofHost());
    }
    return known;
  }

  /// In a container without rights, as apps are built.
  private void compile(Path programs) throws IOException, InterruptedException, BuildRefused {
    tell("Preparing BuildKit %s, once for this server: it takes some minutes".formatted(VERSION));
    var work = WorkFolders.create(cache.resolve(WORK + UUID.randomUUID()));
    try (work) {
      for (var name : List.of("go.mod", "go.sum")) {
        Files.writeString(work.workspace().resolve(name), text(name + ".pinned"));
      }
      Files.writeString(work.workspace().resolve("tools.go"), tools());
      Files.writeString(work.workspace().resolve("make.sh"), text("make.sh"));
      HostUser.ofBuilds().take(work.workspace());
      run(work);
      keep(work.workspace().resolve("out"), programs);
    }
  }

  /// So that what is compiled belongs to what the module needs.
  private static String tools() {
    return """
    //go:build tools

    package tools

    import (
    \t_ "github.com/moby/buildkit/cmd/buildctl"
    \t_ "github.com/moby/buildkit/cmd/buildkitd"
    )
    """;
  }

  private void run(WorkFolders work) throws IOException, InterruptedException, BuildRefused {
    var sandbox = sandbox(work);
    var environment = new TreeMap<>(sandbox.environment());
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    environment.put("GO_VERSION", GO);
    environment.put("GO_ARCH", Architecture.ofHost());
    environment.put("TOOLCHAIN_SHA256", toolchain());
    var tail = new ArrayDeque<String>();
    try (var container =
        BuildContainer.start(
            engine,
            images.build(this::tell),
            "buildkit-" + UUID.randomUUID().toString().substring(0, 8),
            sandbox.binds(),
            HostUser.ofBuilds(),
            MAKING,
            LIMIT)) {
      var code =
          container.run(
              List.of("/bin/bash", "/workspace/make.sh"),
              environment,
              line -> keep(tail, line),
              LIMIT);
      if (code != 0) {
        throw new IOException("compiling it failed: " + String.join(" / ", tail));
      }
    } catch (TimeoutException e) {
      throw new IOException(
          "compiling it took longer than %d minutes".formatted(LIMIT.toMinutes()), e);
    }
  }

  private void keep(ArrayDeque<String> tail, String line) {
    if (line.startsWith("Fetching ")) {
      tell(line);
    }
    tail.addLast(line);
    if (tail.size() > 3) {
      tail.removeFirst();
    }
  }

  private Sandbox sandbox(WorkFolders work) {
    var folders =
        new Sandbox.Folders(
            work.workspace(),
            work.root().resolve("layers"),
            work.root().resolve("platform"),
            work.root().resolve("home"),
            work.root().resolve("run"),
            work.root().resolve("platform"),
            work.root().resolve("platform"));
    var reach = new Reach(config.caBundle(), config.proxies());
    return new Sandbox(folders, reach, config.debianMirror(), Optional.empty());
  }

  /// Whole or not at all. Another platform of this machine may have been faster.
  private void keep(Path made, Path programs) throws IOException {
    var fresh = Files.createDirectories(cache.resolve(FRESH + UUID.randomUUID()));
    try {
      for (var name : PROGRAMS) {
        var program = fresh.resolve(name);
        if (!Files.isRegularFile(made.resolve(name), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
          throw new IOException("compiling it made no " + name);
        }
        Files.copy(made.resolve(name), program);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var channel = FileChannel.open(program, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
      Files.move(fresh, programs, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException e) {
      if (!holdsAll(programs)) {
        throw e;
      }
    } finally {
      WorkFolders.delete(fresh);
    }
  }

  private static String text(String name) throws IOException {
    URL resource = Resources.getResource(BuildKit.class, name);
    return Resources.toString(resource, StandardCharsets.UTF_8);
  }
}
