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
import java.nio.file.LinkOption;
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
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// `buildkitd` and `buildctl`, compiled from the Go module proxy, once for all platforms of this
/// machine.
final class KitPrograms {
  /// What is compiled; `go.sum.pinned` holds the hashes of all its parts.
  static final String VERSION = "v0.34.2";

  private static final String GO = "1.26.8";
  private static final Map<String, String> TOOLCHAINS =
      Map.of(
          "amd64", "30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7",
          "arm64", "02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99");

  private static final List<String> NAMES = List.of("buildkitd", "buildctl");
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String WORK = "work-";
  private static final String FRESH = "new-";
  private static final BuildLimits MAKING =
      new BuildLimits(BuildKit.LIMIT, 2_500_000_000L, 2, 512, 10_000_000_000L, 10_000_000);

  private final LifecycleConfig config;
  private final Engine engine;
  private final Path cache;
  private final BuildKit.Images images;
  private final Consumer<String> tell;

  /// `cache` is what platforms of this machine share; `tell` hears what is done.
  KitPrograms(
      LifecycleConfig config,
      Engine engine,
      Path cache,
      BuildKit.Images images,
      Consumer<String> tell) {
    this.config = config;
    this.engine = engine;
    this.cache = cache.toAbsolutePath().normalize().resolve("buildkit");
    this.images = images;
    this.tell = tell;
  }

  /// Those of an operator's folder.
  static Path in(Path folder) throws IOException {
    if (!holdsAll(folder)) {
      throw new IOException(folder + " does not have " + String.join(" and ", NAMES));
    }
    return folder;
  }

  /// The folder that they are in. Makes them where that was not done.
  Path ensured() throws IOException, InterruptedException, BuildRefused {
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
    var end = System.nanoTime() + BuildKit.LIMIT.toNanos();
    for (var told = false; System.nanoTime() < end; told = true) {
      var lock = attempt(gate);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (!told) {
        tell.accept("Waiting: somebody else on this machine prepares BuildKit already");
      }
      Thread.sleep(LOOK);
    }
    throw new IOException(
        "somebody else prepares it for more than %d minutes".formatted(BuildKit.LIMIT.toMinutes()));
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
      for (var folder : left.filter(KitPrograms::isWork).toList()) {
        WorkFolders.delete(folder);
      }
    }
  }

  private static boolean isWork(Path folder) {
    var name = String.valueOf(folder.getFileName());
    return name.startsWith(WORK) || name.startsWith(FRESH);
  }

  static boolean holdsAll(Path folder) {
    return NAMES.stream().allMatch(name -> Files.isExecutable(folder.resolve(name)));
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
    tell.accept(
        "Preparing BuildKit %s, once for this server: it takes some minutes".formatted(VERSION));
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
            images.build(tell),
            "buildkit-" + UUID.randomUUID().toString().substring(0, 8),
            sandbox.binds(),
            HostUser.ofBuilds(),
            MAKING,
            BuildKit.LIMIT)) {
      var code =
          container.run(
              List.of("/bin/bash", "/workspace/make.sh"),
              environment,
              line -> keep(tail, line),
              BuildKit.LIMIT);
      if (code != 0) {
        throw new IOException("compiling it failed: " + String.join(" / ", tail));
      }
    } catch (TimeoutException e) {
      throw new IOException(
          "compiling it took longer than %d minutes".formatted(BuildKit.LIMIT.toMinutes()), e);
    }
  }

  private void keep(ArrayDeque<String> tail, String line) {
    if (line.startsWith("Fetching ")) {
      tell.accept(line);
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
    return new Sandbox(folders, reach, config.mirrors());
  }

  /// Whole or not at all. Another platform of this machine may have been faster.
  private void keep(Path made, Path programs) throws IOException {
    var fresh = Files.createDirectories(cache.resolve(FRESH + UUID.randomUUID()));
    try {
      for (var name : NAMES) {
        var program = fresh.resolve(name);
        if (!Files.isRegularFile(made.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
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
    URL resource = Resources.getResource(KitPrograms.class, name);
    return Resources.toString(resource, StandardCharsets.UTF_8);
  }
}
