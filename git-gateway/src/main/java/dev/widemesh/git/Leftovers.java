package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a killed gateway leaves behind. Swept before it listens, when nobody else can be writing.
final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private Leftovers() {}

  static void sweep(Path repositories, Path quarantine) throws IOException {
    Disk.deleteTree(quarantine);
    Files.createDirectories(quarantine);
    for (var repository : Disk.list(repositories)) {
      for (var leftover : in(repository)) {
        log.info("removing {}, left by a crash", leftover);
        Files.deleteIfExists(leftover);
      }
    }
  }

  /// Files of a repository that a write left behind, unless it goes on just now.
  static List<Path> in(Path repository) throws IOException {
    if (!Files.isDirectory(repository)) {
      return List.of();
    }
    try (var files = Files.walk(repository)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> isStaleLock(file) || isInterrupted(repository, file))
          .toList();
    }
  }

  /// It would refuse every later push: JGit never removes one. No ref's name ends so.
  private static boolean isStaleLock(Path file) {
    return file.getFileName().toString().endsWith(".lock");
  }

  /// Only among the objects: branches may have such names.
  private static boolean isInterrupted(Path repository, Path file) {
    var name = file.getFileName().toString();
    return file.startsWith(repository.resolve("objects"))
        && (name.startsWith("incoming_")
            || name.startsWith("gc_")
            || (name.endsWith(".pack") && isAlone(file, name)));
  }

  /// A pack without its index was cut off while it was accepted.
  private static boolean isAlone(Path file, String name) {
    var index = name.substring(0, name.length() - ".pack".length()) + ".idx";
    return !Files.exists(file.resolveSibling(index));
  }
}
