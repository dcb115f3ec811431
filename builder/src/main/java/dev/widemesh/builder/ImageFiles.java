package dev.widemesh.builder;

import dev.widemesh.builder.image.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// A folder with a file for each image that something is known of. Images are
/// `<repository>@<digest>`.
record ImageFiles(Path folder) {
  Path of(String image) {
    return folder.resolve(Sha256.of(image).replace(':', '-'));
  }

  /// Whether there is one; it counts as written just now.
  boolean touch(String image) throws IOException {
    try {
      Files.setLastModifiedTime(of(image), FileTime.from(Instant.now()));
      return true;
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  /// Of these images, and what was written since then.
  void keepOnly(Collection<String> images, Instant since) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    var kept = images.stream().map(image -> of(image)).collect(Collectors.toSet());
    for (var file : all()) {
      if (!kept.contains(file) && Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private List<Path> all() throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    } catch (UncheckedIOException e) { // in the midst of the list
      throw e.getCause();
    }
  }
}
