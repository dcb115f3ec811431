package dev.widemesh.builder.image;

import dev.widemesh.api.ImageSignature;
import dev.widemesh.api.Json;
import dev.widemesh.builder.registry.Durable;
import dev.widemesh.model.VerifyingKey;
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
import java.util.stream.Stream;

/// The signatures that were made or seen, kept aside from the registry: what loses its own there is
/// known by this to be ours. Nothing else says so: whoever writes to the registry, or to the
/// database, finds nobody who signs for him.
final class SigningRecord {
  private final Path folder;
  private final VerifyingKey key;

  SigningRecord(Path folder, VerifyingKey key) {
    this.folder = folder;
    this.key = key;
  }

  /// With the key of now, or with one `before`.
  boolean has(String repository, String digest, List<VerifyingKey> before) throws IOException {
    var copy = read(file(repository, digest));
    return Stream.concat(Stream.of(key), before.stream())
        .anyMatch(one -> copy.filter(found -> found.isOf(one, repository, digest)).isPresent());
  }

  void keep(String repository, String digest, ImageSignature signature) throws IOException {
    if (!has(repository, digest, List.of())) {
      var text = Json.write(signature).getBytes(StandardCharsets.UTF_8);
      Durable.write(file(repository, digest), text);
    }
  }

  /// Of `<repository>@<digest>`, and of what was signed since then.
  void keepOnly(Collection<String> references, Instant since) throws IOException {
    var kept = references.stream().map(SigningRecord::name).collect(Collectors.toSet());
    for (var file : files()) {
      if (!kept.contains(String.valueOf(file.getFileName()))
          && Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.toList();
    } catch (UncheckedIOException e) { // in the midst of the list
      throw e.getCause();
    }
  }

  private static Optional<ImageSignature> read(Path file) throws IOException {
    try {
      var text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      return Optional.of(Json.read(text, ImageSignature.class));
    } catch (NoSuchFileException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private Path file(String repository, String digest) {
    return folder.resolve(name(repository + "@" + digest));
  }

  private static String name(String reference) {
    return Sha256.of(reference).replace(':', '-');
  }
}
