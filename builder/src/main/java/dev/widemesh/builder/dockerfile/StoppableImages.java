package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.DiskSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Base images for as long as the build may go on: once it is stopped nobody waits for a pull, and
/// none begins on a full disk (`root` is the engine's).
final class StoppableImages implements BaseImages {
  private final BaseImages images;
  private final Optional<Path> root;
  private Optional<FutureTask<?>> search = Optional.empty();
  private boolean stopped;

  StoppableImages(BaseImages images, Optional<Path> root) {
    this.images = images;
    this.root = root;
  }

  @Override
  public String find(Instruction where, String name)
      throws IOException, InterruptedException, BuildRefused {
    requireSpace();
    return unlessStopped(() -> images.find(where, name));
  }

  /// What else takes as long as the engine wants, for as long as the build may go on.
  <T> T unlessStopped(Callable<T> step) throws IOException, InterruptedException, BuildRefused {
    var task = new FutureTask<>(step);
    begin(task);
    try {
      return task.get();
    } catch (CancellationException _) {
      throw refusal();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case BuildRefused refused -> throw refused;
        case IOException broken -> throw broken;
        case RuntimeException broken -> throw broken;
        case null, default -> throw new IOException("cannot get the base image", e);
      }
    } finally {
      task.cancel(true);
    }
  }

  private void requireSpace() throws IOException, BuildRefused {
    if (root.isPresent()) {
      var space = DiskSpace.of(root.get());
      if (space.isFull()) {
        throw new BuildRefused(space.diagnosis());
      }
    }
  }

  private synchronized void begin(FutureTask<?> task) throws BuildRefused {
    if (stopped) {
      throw refusal();
    }
    search = Optional.of(task);
    Thread.ofVirtual().name("base-image").start(task);
  }

  private static BuildRefused refusal() {
    return BuildRefused.because("the build was stopped", "push again");
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  /// From any thread.
  synchronized void stop() {
    stopped = true;
    search.ifPresent(task -> task.cancel(true));
  }
}
