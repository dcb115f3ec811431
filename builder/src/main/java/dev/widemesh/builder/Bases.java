package dev.widemesh.builder;

import dev.widemesh.builder.debian.Base;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.BuildRequest.BaseImage;
import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The two base images, made once, in the background; tried again when that failed.
final class Bases {
  record Pair(BaseImage run, BaseImage build) {}

  private static final Logger log = LoggerFactory.getLogger(Bases.class);
  private static final Duration LIMIT = Duration.ofMinutes(20);

  private final BaseSource images;
  private final ImageExporter exporter;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private CompletableFuture<Pair> made;

  Bases(BaseSource images, ImageExporter exporter) {
    this.images = images;
    this.exporter = exporter;
    this.made = begin();
  }

  private CompletableFuture<Pair> begin() {
    var future = new CompletableFuture<Pair>();
    Thread.ofVirtual().name("base-images").start(() -> make(future));
    return future;
  }

  private void make(CompletableFuture<Pair> future) {
    try {
      var run = image(images.run(this::tell));
      var build = image(images.build(this::tell));
      future.complete(new Pair(run, build));
      log.info("base images: {}, {}", run.reference(), build.reference());
    } catch (IOException | RuntimeException e) {
      log.warn("base images cannot be made: {}", e.toString());
      future.completeExceptionally(e);
    } finally {
      // For what is neither: nobody may wait for a thread that is gone.
      future.completeExceptionally(new IOException("making them broke off"));
    }
  }

  private BaseImage image(Base base) throws IOException {
    return new BaseImage(base.reference(), base.version(), exporter.inspect(base.reference()));
  }

  private void tell(String line) {
    log.info("{}", line);
    listeners.forEach(listener -> listener.accept(line));
  }

  /// Waits for them if need be; `progress` hears what is done meanwhile.
  Pair get(Consumer<String> progress) throws InterruptedException, BuildRefused {
    listeners.add(progress);
    try {
      return current().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw refused(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException _) {
      throw new BuildRefused(
          new Diagnosis.TimedOut("making the base images", LIMIT.toSeconds(), List.of()));
    } finally {
      listeners.remove(progress);
    }
  }

  /// Empty until they are made.
  synchronized Optional<Pair> made() {
    return made.state() == Future.State.SUCCESS ? Optional.of(made.resultNow()) : Optional.empty();
  }

  private synchronized CompletableFuture<Pair> current() {
    if (made.isCompletedExceptionally()) {
      made = begin();
    }
    return made;
  }

  private static BuildRefused refused(Throwable cause) {
    return new BuildRefused(
        new Diagnosis.Platform(
            "the base images cannot be made: " + cause.getMessage(),
            List.of(),
            "look at the server's network, then push again"));
  }
}
