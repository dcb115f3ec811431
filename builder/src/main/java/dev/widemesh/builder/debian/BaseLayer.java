package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.image.LayerTar;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// Makes the one layer of a base image from its lock. Downloads overlap with unpacking.
final class BaseLayer {
  private static final int DOWNLOADS = 8;

  private final Mirror mirror;
  private final Semaphore downloads = new Semaphore(DOWNLOADS);
  private final Semaphore unpackings =
      new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));

  BaseLayer(Mirror mirror) {
    this.mirror = mirror;
  }

  /// `work` holds the unpacked packages, and may be removed afterwards.
  Layer make(String name, Lock lock, Path work, Path store) throws IOException {
    var layer = LayerTar.named(name);
    var tree = new SystemTree(layer);
    for (var tar : unpack(lock, work)) {
      tree.add(tar);
    }
    FinishingTouches.apply(layer, lock, tree.certificates());
    return layer.write(store);
  }

  private List<Path> unpack(Lock lock, Path work) throws IOException {
    var tasks = new ArrayList<Callable<Path>>();
    for (var each : lock.packages()) {
      tasks.add(() -> unpack(each, work.resolve(each.name() + ".tar")));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var tars = new ArrayList<Path>();
      for (var result : threads.invokeAll(tasks)) {
        tars.add(result.get());
      }
      return tars;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a base image was made", e);
    }
  }

  private Path unpack(Lock.Locked locked, Path tar) throws IOException, InterruptedException {
    downloads.acquire();
    Path deb;
    try {
      deb = mirror.fetch(URI.create(locked.url()), locked.sha256(), locked.size());
    } finally {
      downloads.release();
    }
    unpackings.acquire();
    try {
      DebFile.unpack(deb, tar);
    } finally {
      unpackings.release();
    }
    return tar;
  }
}
