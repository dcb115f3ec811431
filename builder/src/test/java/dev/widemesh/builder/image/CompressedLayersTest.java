package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is swept from the cache of layers at a start.
@DisplayNameGeneration(ReplaceUnderscores.class)
class CompressedLayersTest {
  private static final String FORM = ".level" + GzipPiece.LEVEL;

  @TempDir private Path folder;

  private Path cache() throws IOException {
    return Files.createDirectories(folder.resolve("here" + FORM + ".is").resolve("cache"));
  }

  private void put(String name, Duration age) throws IOException {
    var file = Files.writeString(cache().resolve(name), "anything");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void what_others_compressed_and_what_was_never_finished_goes_wherever_the_folder_is()
      throws IOException {
    var old = Duration.ofDays(2);
    for (var layer : new String[] {"sha256-a", "sha256-a.level0", "sha256-a" + FORM}) {
      put(layer + ".gz", old);
      put(layer + ".json", old);
    }
    put("layer1.part", old);
    put("layer2.part", Duration.ofMinutes(1));
    put("sha256-b.level0.gz", Duration.ofMinutes(1));

    assertThat(new CompressedLayers(cache()).file(new Layer("", "sha256:a", folder, 0))).exists();

    try (var files = Files.list(cache())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "sha256-a" + FORM + ".gz",
              "sha256-a" + FORM + ".json",
              "sha256-a.level0.json",
              "sha256-a.json",
              "layer2.part",
              "sha256-b.level0.gz");
    }
  }
}
