package dev.widemesh.builder;

import dev.widemesh.builder.registry.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;

/// Which images are being read just now, in files of the builder's own. What is there at the next
/// start was being read when the process ended, and may be why it did: whoever makes an image must
/// not end the platform with it again and again. Images are `<repository>@<digest>`.
record Readings(ImageFiles files) {
  /// So often the process may have ended while it read an image; after that nobody reads it. Twice
  /// may be two of many kills that have nothing to do with it.
  static final int MOST = 3;

  Readings(Path folder) {
    this(new ImageFiles(folder));
  }

  /// On disk before the first byte is read.
  void begin(String image) throws IOException {
    var before = String.valueOf(ended(image) + 1);
    Durable.write(files.of(image), before.getBytes(StandardCharsets.US_ASCII));
  }

  /// However it went: the process is still there.
  void end(String image) throws IOException {
    Files.deleteIfExists(files.of(image));
  }

  /// How often the process ended while it read this one, since a reading last came to an end: 0 to
  /// [#MOST]. What is damaged counts as once.
  int ended(String image) throws IOException {
    try (var file = Files.newInputStream(files.of(image))) {
      var digit = file.read() - '0';
      return digit >= 1 && digit <= MOST ? digit : 1;
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  /// Of these, and what was begun since then.
  void keepOnly(Collection<String> images, Instant since) throws IOException {
    files.keepOnly(images, since);
  }
}
