package dev.widemesh.builder;

import dev.widemesh.api.Json;
import dev.widemesh.builder.registry.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/// How images were made, in files of the builder's own: nothing that the registry or the database
/// says is ever signed as if the builder had seen it. Images are `<repository>@<digest>`.
record Makings(ImageFiles files) {
  Makings(Path folder) {
    this(new ImageFiles(folder));
  }

  /// The first time counts: another one that gives the same image says no more, but that the image
  /// is needed from now on, which nobody may have kept for long.
  void keep(String image, Making making) throws IOException {
    if (!files.touch(image)) {
      Durable.write(files.of(image), Json.write(making).getBytes(StandardCharsets.UTF_8));
    }
  }

  Optional<Making> of(String image) throws IOException {
    try {
      return Optional.of(Json.read(Files.readString(files.of(image)), Making.class));
    } catch (NoSuchFileException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Of these, and of what was made since then.
  void keepOnly(Collection<String> images, Instant since) throws IOException {
    files.keepOnly(images, since);
  }
}
