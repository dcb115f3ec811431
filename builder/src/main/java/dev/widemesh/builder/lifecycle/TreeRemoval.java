package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Deletes a folder and all below it, following no link. A build can nest folders deeper than any
/// path can say (4,096 bytes on Linux): such folders are first moved up.
final class TreeRemoval extends SimpleFileVisitor<Path> {
  private static final int LONGEST_PATH = 2_000;
  private static final int MOST_LEVELS = 200;

  private final Path root;
  private int moved;

  private TreeRemoval(Path root) {
    this.root = root;
  }

  static void remove(Path folder) throws IOException {
    var root = folder.toAbsolutePath();
    while (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      Files.walkFileTree(root, new TreeRemoval(root));
    }
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
      throws IOException {
    if (!isDeep(folder)) {
      return FileVisitResult.CONTINUE;
    }
    Files.move(folder, root.resolve("deep-" + UUID.randomUUID()));
    moved++;
    return FileVisitResult.SKIP_SUBTREE;
  }

  private boolean isDeep(Path folder) {
    return folder.toString().length() - root.toString().length() > LONGEST_PATH
        || folder.getNameCount() - root.getNameCount() > MOST_LEVELS;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    Files.deleteIfExists(file);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
    if (failure instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw failure;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
      throws IOException {
    if (failure != null) {
      throw failure;
    }
    // What was moved up is there for the next round.
    if (!folder.equals(root) || moved == 0) {
      Files.deleteIfExists(folder);
    }
    return FileVisitResult.CONTINUE;
  }
}
