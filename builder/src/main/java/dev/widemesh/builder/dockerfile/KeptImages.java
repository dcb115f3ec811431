package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.image.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/// Which images are the cache of each stack: those of its last good build. On disk, so that what a
/// killed build left is told from them.
record KeptImages(Path folder) {
  /// Their ids.
  Set<String> of(String stack) throws IOException {
    var file = file(stack);
    return Files.isRegularFile(file) ? Set.copyOf(Files.readAllLines(file)) : Set.of();
  }

  void keep(String stack, Set<String> ids) throws IOException {
    Files.createDirectories(folder);
    var fresh = Files.createTempFile(folder, "kept", ".new");
    try {
      Files.write(fresh, ids);
      Files.move(fresh, file(stack), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  void drop(String stack) {
    try {
      Files.deleteIfExists(file(stack));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot forget the images of " + stack, e);
    }
  }

  // A label names the stack, and labels may say anything.
  private Path file(String stack) {
    var digest = Sha256.of(stack);
    return folder.resolve(digest.replace("sha256:", ""));
  }
}
