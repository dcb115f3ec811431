package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.lifecycle.LayerCache.Index;
import dev.widemesh.builder.lifecycle.LayerCache.Kept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LayerCacheTest {
  private static final String ID = "test/one";

  @TempDir private Path folder;
  private LayerCache cache;

  @BeforeEach
  void open() {
    cache = new LayerCache(folder.resolve("cache"));
  }

  private Kept kept(String buildpack, String layer, Map<String, Object> metadata)
      throws IOException {
    var made = Files.createDirectories(folder.resolve("made").resolve(layer));
    Files.writeString(made.resolve("file"), "as it was");
    Files.createSymbolicLink(made.resolve("link"), Path.of("file"));
    var listing = FolderListing.of(made);
    return new Kept(
        buildpack,
        layer,
        cache.adopt(made),
        metadata,
        null,
        0,
        listing.hash(),
        listing.bytes(),
        Map.of(),
        null);
  }

  private Path layers() throws IOException {
    var layers = folder.resolve(UUID.randomUUID().toString());
    Files.createDirectories(layers.resolve("test_one"));
    return layers;
  }

  private Index restore(Path layers) throws IOException {
    return restore(layers, folder.resolve(UUID.randomUUID().toString()));
  }

  private Index restore(Path layers, Path staging) throws IOException {
    var own =
        new Buildpack(
            12,
            ID,
            "1",
            true,
            false,
            "/cnb/one",
            List.of(),
            List.of(),
            Reads.EVERYTHING,
            ID,
            Buildpack.Origin.OURS);
    return cache.stage(staging).place(new Selection(List.of(own), List.of()), layers);
  }

  @Test
  @Tag("BLD-9")
  void a_build_finds_what_its_buildpacks_kept_and_nothing_of_others() throws IOException {
    var mine = kept(ID, "mine", Map.of("key", "7"));
    var other = kept("test/other", "theirs", Map.of());
    cache.commit(new Index(List.of(mine, other), Map.of(ID, Map.of("seen", "yes"))));

    var layers = layers();
    assertThat(restore(layers).layers()).containsExactly(mine);

    var own = layers.resolve("test_one");
    assertThat(own.resolve("mine/link")).hasContent("as it was");
    assertThat(own.resolve("mine.toml")).content().contains("[metadata]", "key = \"7\"");
    assertThat(own.resolve("store.toml")).content().contains("seen = \"yes\"");
    assertThat(layers.resolve("test_other")).doesNotExist();
  }

  @Test
  @Tag("BLD-9")
  void what_is_written_in_place_is_restored_as_a_copy_and_survives_a_build_that_fails()
      throws IOException {
    cache.commit(
        new Index(
            List.of(
                kept(ID, "linked", Map.of()), kept(ID, "copied", Map.of("written-in-place", true))),
            Map.of()));

    var failing = layers();
    assertThat(restore(failing).layers()).hasSize(2);
    for (var name : List.of("linked", "copied")) {
      Files.writeString(failing.resolve("test_one").resolve(name).resolve("file"), "altered");
    }

    var next = layers();
    assertThat(restore(next).layers()).extracting(Kept::layer).containsExactly("copied");
    assertThat(next.resolve("test_one/copied/file")).hasContent("as it was");
    assertThat(next.resolve("test_one/linked")).doesNotExist();
    assertThat(next.resolve("test_one/linked.toml")).doesNotExist();
  }

  @Test
  void one_that_cannot_be_restored_holds_up_nothing() throws IOException {
    var one = kept(ID, "one", Map.of());
    var other = kept(ID, "other", Map.of());
    cache.commit(new Index(List.of(one, other), Map.of()));
    var staging = Files.createDirectory(folder.resolve("staging"));
    Files.writeString(staging.resolve(one.folder()), "in the way");

    assertThat(restore(layers(), staging).layers()).containsExactly(other);
  }

  @Test
  void a_copy_is_listed_like_the_original() throws IOException {
    cache.commit(
        new Index(List.of(kept(ID, "copied", Map.of("written-in-place", true))), Map.of()));
    var layers = layers();

    var whole = restore(layers).layers().getFirst();

    var copy = layers.resolve("test_one/copied");
    assertThat(FolderListing.of(copy).hash()).isEqualTo(whole.listing());
    assertThat(Files.getAttribute(copy.resolve("file"), "unix:nlink")).isEqualTo(1);
  }
}
