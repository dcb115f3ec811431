package dev.widemesh.builder;

import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.registry.Durable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// How images were made, in files of the builder's own: nothing that the registry or the database
/// says is ever signed as if the builder had seen it. Images are `<repository>@<digest>`.
record Makings(Path folder) {
  /// The first time counts: another one that gives the same image says no more.
  void keep(String image, Making making) throws IOException {
    if (!Files.exists(file(image))) {
      Durable.write(file(image), Json.write(making).getBytes(StandardCharsets.UTF_8));
    }
  }

  Optional<Making> of(String image) throws IOException {
    try {
      return Optional.of(Json.read(Files.readString(file(image)), Making.class));
    } catch (NoSuchFileException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Of these, and of what was made since then.
  void keepOnly(Collection<String> images, Instant since) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    var kept = images.stream().map(image -> file(image)).collect(Collectors.toSet());
    for (var file : files()) {
      if (!kept.contains(file) && Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    } catch (UncheckedIOException e) { // in the midst of the list
      throw e.getCause();
    }
  }

  private Path file(String image) {
    return folder.resolve(Sha256.of(image).replace(':', '-'));
  }
}
