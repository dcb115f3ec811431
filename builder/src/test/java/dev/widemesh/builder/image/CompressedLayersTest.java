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

  @Test
  void what_a_killed_process_had_lent_goes_although_nothing_starts_anew() throws IOException {
    var layers = new CompressedLayers(cache());
    compress(layers, layer("one"));
    put("lent1.part", Duration.ofDays(2));
    put("lent2.part", Duration.ofMinutes(1));

    compress(layers, layer("two"));

    assertThat(cache().resolve("lent1.part")).doesNotExist();
    assertThat(cache().resolve("lent2.part")).as("another platform's").exists();
  }

  private Layer layer(String name) throws IOException {
    return layer(name, 10_000);
  }

  private Layer layer(String name, int bytes) throws IOException {
    var noise = new byte[bytes];
    new Random(name.hashCode()).nextBytes(noise);
    return LayerTar.named(name)
        .file("/" + name, noise, 0644, Owner.ROOT)
        .write(folder.resolve("tars"));
  }

  private static void compress(CompressedLayers layers, Layer layer) throws IOException {
    try (var lent = layers.lend(layer)) {
      layers.remember(layer, lent.compressed());
    }
  }

  @Test
  @Tag("BLD-9")
  void the_layer_that_no_image_was_made_with_for_longest_goes_when_they_are_too_large()
      throws IOException {
    var layers = new CompressedLayers(cache(), 35_000);
    var made = List.of(layer("old"), layer("used"), layer("young"));
    for (var layer : made) {
      compress(layers, layer);
      var age = Instant.now().minus(Duration.ofHours(made.size() - made.indexOf(layer)));
      Files.setLastModifiedTime(layers.file(layer), FileTime.from(age));
    }
    var first = made.getFirst();
    assertThat(layers.known(first)).isPresent();

    compress(layers, layer("new"));

    assertThat(layers.file(first)).as("the oldest, but it was used").exists();
    assertThat(layers.file(made.get(1))).doesNotExist();
    assertThat(layers.file(made.get(2))).exists();
    assertThat(layers.file(layer("new"))).exists();
  }

  @Test
  void those_that_are_being_pushed_stay_however_large_they_are_and_no_other_goes_for_them()
      throws IOException {
    var layers = new CompressedLayers(cache(), 25_000);
    var kept = layer("kept");
    compress(layers, kept);
    var age = Instant.now().minus(Duration.ofHours(1));
    Files.setLastModifiedTime(layers.file(kept), FileTime.from(age));
    var large = layer("large", 40_000);
    var twice = layer("twice");
    var other = layer("other");

    try (var one = layers.lend(large);
        var two = layers.lend(twice)) {
      compress(layers, twice);
      compress(layers, other);
      assertThat(one.file()).hasSize(one.compressed().size());
      assertThat(two.file()).as("given back once").hasSize(two.compressed().size());
      assertThat(layers.file(kept)).exists();
    }

    assertThat(layers.file(large)).as("larger than all that is kept").doesNotExist();
    assertThat(layers.file(kept)).as("the longest unused").doesNotExist();
    assertThat(layers.file(twice)).exists();
    assertThat(layers.file(other)).exists();
  }

  @Test
  void what_one_platform_pushes_stays_when_another_makes_room() throws IOException {
    var one = new CompressedLayers(cache(), 25_000);
    var other = new CompressedLayers(cache(), 25_000);
    var large = layer("large", 40_000);
    try (var lent = one.lend(large)) {
      compress(other, layer("small"));

      assertThat(one.file(large)).doesNotExist();
      assertThat(lent.file()).hasSize(lent.compressed().size());
      one.remember(large, lent.compressed());
      try (var again = one.lend(large)) {
        assertThat(again.compressed()).isEqualTo(lent.compressed());
        assertThat(again.file()).hasSameBinaryContentAs(lent.file());
      }
    }
    assertThat(cache()).isDirectoryNotContaining("glob:**.part");
  }
}
