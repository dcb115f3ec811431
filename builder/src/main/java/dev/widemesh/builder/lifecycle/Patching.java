package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Holds a stack's cache while its last image is changed without a build.
public final class Patching implements AutoCloseable {
  private final CacheHold hold;
  private final Path folder;
  private final Runnable closed;

  Patching(CacheShelf shelf, String stackId, Path folder, Runnable closed) {
    this.hold = shelf.take(stackId);
    this.folder = folder;
    this.closed = closed;
  }

  /// What [BuildRun#keepImage] or [#keepImage] noted; empty where the cache holds none.
  public Optional<String> image() throws IOException {
    return hold.cache().image();
  }

  public void keepImage(String note) throws IOException {
    hold.cache().keepImage(note);
  }

  /// Where new layers go; gone when this is closed.
  public Path tars() {
    return folder.resolve("tars");
  }

  @Override
  public void close() throws IOException {
    try {
      WorkFolders.delete(folder);
    } finally {
      hold.close();
      closed.run();
    }
  }
}
