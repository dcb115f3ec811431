package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// Guards against links: what a build wrote is read by this process, which sees more than the build
/// did. Only safe while the build is paused.
record Contained(Path root) {
  private static final long MOST_BYTES = 1 << 20;

  /// A file of moderate size that really lies below the root.
  boolean isFile(Path path) throws IOException {
    return Files.isRegularFile(path) && Files.size(path) <= MOST_BYTES && holds(path);
  }

  boolean isFolder(Path path) throws IOException {
    return Files.isDirectory(path) && holds(path);
  }

  /// A folder that is not reached by a link.
  static boolean isRealFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  static boolean isRealFile(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  private boolean holds(Path path) throws IOException {
    return path.toRealPath().startsWith(root.toRealPath());
  }
}
