package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
  private static final Logger log = LoggerFactory.getLogger(BuildKit.class);
  static final Duration LIMIT = Duration.ofMinutes(20);
  private static final Duration PAUSE = Duration.ofMinutes(5);

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

  private final Engine engine;
  private final KitPrograms compiled;
  private final Optional<Path> named;
  private final Images images;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private Optional<CompletableFuture<Kit>> making = Optional.empty();
  private long failedAt;

  /// `cache` is what platforms of this machine share, `named` the operator's folder.
  public BuildKit(
      LifecycleConfig config, Engine engine, Path cache, Optional<Path> named, Images images) {
    this.engine = engine;
    this.compiled = new KitPrograms(config, engine, cache, images, this::tell);
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
      case SUCCESS -> KitPrograms.holdsAll(known.resultNow().programs());
      case FAILED, CANCELLED -> System.nanoTime() - failedAt < PAUSE.toNanos();
    };
  }

  private void make(CompletableFuture<Kit> future) {
    try {
      var programs = named.isPresent() ? KitPrograms.in(named.get()) : compiled.ensured();
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
}
