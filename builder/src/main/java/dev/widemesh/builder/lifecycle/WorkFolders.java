package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/// The folders of one build, gone when it ends.
public record WorkFolders(Path root) implements AutoCloseable {
  public static WorkFolders create(Path root) throws IOException {
    var work = new WorkFolders(root);
    delete(root);
    for (var folder : work.ofTheBuild()) {
      Files.createDirectories(folder);
      HostUser.ofBuilds().take(folder);
    }
    Files.createDirectories(work.platform().resolve("env"));
    Files.createDirectories(work.tars());
    return work;
  }

  private List<Path> ofTheBuild() {
    return List.of(workspace(), layers(), home(), run());
  }

  public Path workspace() {
    return root.resolve("workspace");
  }

  Path layers() {
    return root.resolve("layers");
  }

  Path platform() {
    return root.resolve("platform");
  }

  Path home() {
    return root.resolve("home");
  }

  Path run() {
    return root.resolve("run");
  }

  Path tars() {
    return root.resolve("tars");
  }

  /// Bytes that the build may have written; files that vanish meanwhile count nothing.
  long bytes() throws IOException {
    var sum = 0L;
    for (var folder : ofTheBuild()) {
      try (var files = Files.walk(folder)) {
        sum += files.mapToLong(WorkFolders::size).sum();
      } catch (UncheckedIOException _) {
        sum += 0; // a folder vanished while it was read: the next look counts the rest
      }
    }
    return sum;
  }

  private static long size(Path path) {
    try {
      var attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() ? attributes.size() : 0;
    } catch (IOException _) {
      return 0;
    }
  }

  /// Deletes the folder and all below it, following no link.
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() throws IOException {
    delete(root);
  }
}
