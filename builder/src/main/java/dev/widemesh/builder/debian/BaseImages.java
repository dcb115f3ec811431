package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.Layer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The images that apps are built in and run on, made from Debian packages and put into the
/// registry.
///
/// The first time the newest packages are taken and written down; from then on the same ones, so
/// the digest stays until someone asks for newer packages. With a filled cache no network is
/// needed.
public final class BaseImages {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(20);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final BaseImagesConfig config;
  private final ImageExporter exporter;

  public BaseImages(BaseImagesConfig config, ImageExporter exporter) {
    this.config = config;
    this.exporter = exporter;
  }

  /// What apps run on. `progress` gets lines for people.
  public Base run(Consumer<String> progress) throws IOException {
    return make(BaseRecipe.RUN, progress);
  }

  /// What apps are built in.
  public Base build(Consumer<String> progress) throws IOException {
    return make(BaseRecipe.BUILD, progress);
  }

  /// What BuildKit runs in.
  public Base kit(Consumer<String> progress) throws IOException {
    return make(BaseRecipe.KIT, progress);
  }

  private Base make(BaseRecipe recipe, Consumer<String> progress) throws IOException {
    var cache = new BaseCache(config.cache());
    try (var gate = cache.gate();
        var _ = enter(gate, recipe, progress)) {
      var mirror = new Mirror(config);
      var lock = lock(recipe, cache, mirror, progress);
      var layer = layer(recipe, lock, cache, mirror, progress);
      var version = lock.version();
      var pushed =
          exporter.push(
              new ImageRecipe(
                  recipe.repository(), Optional.empty(), List.of(layer), recipe.settings(version)));
      return new Base(pushed.reference(), version);
    }
  }

  /// One at a time on this machine: the second finds everything in the cache.
  private static FileLock enter(FileChannel gate, BaseRecipe recipe, Consumer<String> progress)
      throws IOException {
    var end = Instant.now().plus(LONGEST_WAIT);
    for (var told = false; Instant.now().isBefore(end); told = true) {
      var entered = tryEnter(gate);
      if (entered != null) {
        return entered;
      }
      if (!told) {
        progress.accept("Waiting: somebody else on this machine makes base images already");
      }
      pause(recipe);
    }
    throw new IOException(
        "waited %d minutes for another process that makes base image %s: look what it does"
            .formatted(LONGEST_WAIT.toMinutes(), recipe.name()));
  }

  private static void pause(BaseRecipe recipe) throws IOException {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting to make base image " + recipe.name(), e);
    }
  }

  private static @Nullable FileLock tryEnter(FileChannel gate) throws IOException {
    try {
      return gate.tryLock();
    } catch (OverlappingFileLockException _) { // another thread of this process
      return null;
    }
  }

  private Lock lock(BaseRecipe recipe, BaseCache cache, Mirror mirror, Consumer<String> progress)
      throws IOException {
    var known = cache.lock(recipe);
    if (known.isPresent()) {
      return known.get();
    }
    progress.accept("Reading Debian 13's package lists from " + mirror.address().host());
    var index = new Archive(mirror).index();
    for (var each : together(recipe)) {
      var packages = Closure.of(each.packages(), each.unneeded(), index);
      cache.keep(each, new Lock(each.identity(), packages.stream().map(Lock.Locked::of).toList()));
    }
    return cache.lock(recipe).orElseThrow();
  }

  /// What is compiled in one of the first two runs with the libraries of the other.
  private static List<BaseRecipe> together(BaseRecipe recipe) {
    var ofApps = List.of(BaseRecipe.RUN, BaseRecipe.BUILD);
    return ofApps.contains(recipe) ? ofApps : List.of(recipe);
  }

  private Layer layer(
      BaseRecipe recipe, Lock lock, BaseCache cache, Mirror mirror, Consumer<String> progress)
      throws IOException {
    var known = cache.layer(recipe, lock);
    if (known.isPresent()) {
      return known.get();
    }
    progress.accept(
        "Fetching %d packages (%d MB) for base image %s from %s"
            .formatted(
                lock.packages().size(),
                Math.max(1, lock.size() / 1_000_000),
                recipe.name(),
                mirror.address().host()));
    var started = Instant.now();
    try {
      var layer = new BaseLayer(mirror).make(recipe.layer(), lock, cache.work(), cache.tars());
      cache.keep(lock, layer);
      progress.accept(
          "Base image %s made: %d MB in %d s"
              .formatted(
                  recipe.name(),
                  layer.bytes() / 1_000_000,
                  Duration.between(started, Instant.now()).toSeconds()));
      return layer;
    } finally {
      cache.removeWork();
    }
  }
}
