package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes from the cache of layers, at a start and when it is full.
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

  private Layer layer(String name) throws IOException {
    var noise = new byte[10_000];
    new Random(name.hashCode()).nextBytes(noise);
    return LayerTar.named(name)
        .file("/" + name, noise, 0644, Owner.ROOT)
        .write(folder.resolve("tars"));
  }

  @Test
  @Tag("BLD-9")
  void the_layer_that_no_image_was_made_with_for_longest_goes_when_they_are_too_large()
      throws IOException {
    var layers = new CompressedLayers(cache(), 35_000);
    var made = List.of(layer("old"), layer("used"), layer("young"));
    for (var layer : made) {
      layers.remember(layer, layers.compress(layer));
      var age = Instant.now().minus(Duration.ofHours(made.size() - made.indexOf(layer)));
      Files.setLastModifiedTime(layers.file(layer), FileTime.from(age));
    }
    var first = made.getFirst();
    assertThat(layers.known(first)).isPresent();

    var _ = layers.compress(layer("new"));

    assertThat(layers.file(first)).as("the oldest, but it was used").exists();
    assertThat(layers.file(made.get(1))).doesNotExist();
    assertThat(layers.file(made.get(2))).exists();
    assertThat(layers.file(layer("new"))).exists();
  }
}
