package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
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

  /// Its layers are those of `test_one`.
  static final Buildpack OWN =
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

  private static final long SECOND = 1_000_000_000;

  @TempDir private Path folder;
  private LayerCache cache;

  @BeforeEach
  void open() {
    cache = new LayerCache(folder.resolve("cache"));
  }

  private KeptLayer kept(String buildpack, String layer, Map<String, Object> metadata)
      throws IOException {
    var made = Files.createDirectories(folder.resolve("made").resolve(layer));
    Files.writeString(made.resolve("file"), "as it was");
    Files.createSymbolicLink(made.resolve("link"), Path.of("file"));
    var listing = FolderListing.of(made);
    return new KeptLayer(
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

  private CacheIndex restore(Path layers) throws Exception {
    return restore(layers, folder.resolve(UUID.randomUUID().toString()));
  }

  private CacheIndex restore(Path layers, Path staging) throws Exception {
    return cache.stage(staging).place(new Selection(List.of(OWN), List.of()), layers);
  }

  @Test
  @Tag("BLD-9")
  void a_build_finds_what_its_buildpacks_kept_and_nothing_of_others() throws Exception {
    var mine = kept(ID, "mine", Map.of("key", "7"));
    var other = kept("test/other", "theirs", Map.of());
    cache.commit(new CacheIndex(List.of(mine, other), Map.of(ID, Map.of("seen", "yes"))));

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
      throws Exception {
    cache.commit(
        new CacheIndex(
            List.of(
                kept(ID, "linked", Map.of()), kept(ID, "copied", Map.of("written-in-place", true))),
            Map.of()));

    var failing = layers();
    assertThat(restore(failing).layers()).hasSize(2);
    for (var name : List.of("linked", "copied")) {
      Files.writeString(failing.resolve("test_one").resolve(name).resolve("file"), "altered");
    }

    var next = layers();
    assertThat(restore(next).layers()).extracting(KeptLayer::layer).containsExactly("copied");
    assertThat(next.resolve("test_one/copied/file")).hasContent("as it was");
    assertThat(next.resolve("test_one/linked")).doesNotExist();
    assertThat(next.resolve("test_one/linked.toml")).doesNotExist();
  }

  @Test
  void one_that_cannot_be_restored_holds_up_nothing() throws Exception {
    var one = kept(ID, "one", Map.of());
    var other = kept(ID, "other", Map.of());
    cache.commit(new CacheIndex(List.of(one, other), Map.of()));
    var staging = Files.createDirectory(folder.resolve("staging"));
    Files.writeString(staging.resolve(one.folder()), "in the way");

    assertThat(restore(layers(), staging).layers()).containsExactly(other);
  }

  @Test
  void a_copy_is_listed_like_the_original() throws Exception {
    cache.commit(
        new CacheIndex(List.of(kept(ID, "copied", Map.of("written-in-place", true))), Map.of()));
    var layers = layers();

    var whole = restore(layers).layers().getFirst();

    var copy = layers.resolve("test_one/copied");
    assertThat(FolderListing.of(copy).hash()).isEqualTo(whole.listing());
    assertThat(Files.getAttribute(copy.resolve("file"), "unix:nlink")).isEqualTo(1);
  }

  /// As a program does that makes its output the same each time, by SOURCE_DATE_EPOCH.
  private static void alter(Path file) throws IOException {
    var time = Files.getLastModifiedTime(file);
    Files.writeString(file, "as it is!");
    Files.setLastModifiedTime(file, time);
  }

  private Path restored(String layer) throws Exception {
    var layers = layers();
    assertThat(restore(layers).layers()).extracting(KeptLayer::layer).contains(layer);
    return layers.resolve("test_one").resolve(layer);
  }

  @Test
  @Tag("BLD-9")
  void what_was_written_to_is_seen_whatever_its_size_and_times() throws Exception {
    cache.commit(new CacheIndex(List.of(kept(ID, "one", Map.of())), Map.of()));
    var one = restored("one");
    var restored = FolderListing.of(one);
    Files.createDirectories(one.resolve("env"));
    Files.writeString(one.resolve("env/SETTING"), "written each time");
    assertThat(cache.untouched().test(FolderListing.of(one))).isTrue();

    alter(one.resolve("file"));

    Files.delete(one.resolve("env/SETTING"));
    Files.delete(one.resolve("env"));
    assertThat(FolderListing.of(one).hash()).isEqualTo(restored.hash());
    assertThat(cache.untouched().test(FolderListing.of(one))).isFalse();
  }

  @Test
  void what_changed_its_place_is_seen_as_well() throws Exception {
    var made = Files.createDirectories(folder.resolve("made/two"));
    for (var name : List.of("a", "b")) {
      var file = Files.writeString(Files.createDirectory(made.resolve(name)).resolve("file"), name);
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    }
    cache.commit(new CacheIndex(List.of(kept(ID, "two", Map.of())), Map.of()));
    var two = restored("two");
    var restored = FolderListing.of(two);

    Files.move(two.resolve("a"), two.resolve("c"));
    Files.move(two.resolve("b"), two.resolve("a"));
    Files.move(two.resolve("c"), two.resolve("b"));

    assertThat(FolderListing.of(two).hash()).isEqualTo(restored.hash());
    assertThat(cache.untouched().test(FolderListing.of(two))).isFalse();
  }

  @Test
  @Tag("BLD-9")
  void what_a_build_that_failed_wrote_to_is_dropped_and_the_rest_kept() throws Exception {
    var one = ofImage(kept(ID, "one", Map.of()));
    var other = ofImage(kept(ID, "other", Map.of()));
    cache.commit(new CacheIndex(List.of(one, other, kept(ID, "tools", Map.of())), Map.of()));
    var failing = layers();
    restore(failing);
    alter(failing.resolve("test_one/one/file"));
    Files.writeString(failing.resolve("test_one/tools/file"), "longer than it was");

    cache.takeBack(folder.resolve("tars"));
    open();

    var next = layers();
    assertThat(restore(next).layers()).extracting(KeptLayer::layer).containsExactly("other");
    assertThat(next.resolve("test_one/other/file")).hasContent("as it was");
    assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**.moment*");
  }

  @Test
  void what_a_build_that_failed_only_removed_or_wrote_anew_as_it_was_is_kept() throws Exception {
    var one = ofImage(kept(ID, "one", Map.of()));
    cache.commit(new CacheIndex(List.of(one, kept(ID, "tools", Map.of())), Map.of()));
    var failing = layers();
    restore(failing);
    for (var layer : List.of("one", "tools")) {
      var file = failing.resolve("test_one").resolve(layer).resolve("file");
      Files.copy(file, folder.resolve("own"), StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(folder.resolve("own"), file, StandardCopyOption.REPLACE_EXISTING);
    }

    cache.takeBack(folder.resolve("tars"));
    open();

    assertThat(restore(layers()).layers())
        .extracting(KeptLayer::layer)
        .containsExactly("one", "tools");
  }

  private KeptLayer ofImage(KeptLayer kept) throws IOException {
    var source = folder.resolve("cache").resolve(kept.folder());
    var tar = LayerTar.of(kept.layer(), source, kept.inside(), Owner.APP, folder);
    return inImage(kept, tar.diffId());
  }

  private static KeptLayer inImage(KeptLayer kept, String diffId) {
    return new KeptLayer(
        kept.buildpack(),
        kept.layer(),
        kept.folder(),
        kept.metadata(),
        diffId,
        0,
        kept.listing(),
        kept.bytes(),
        kept.sboms(),
        kept.given());
  }

  @Test
  void of_a_build_whose_end_nobody_saw_comes_back_what_it_could_not_write_to() throws Exception {
    cache.commit(
        new CacheIndex(
            List.of(
                kept(ID, "linked", Map.of()), kept(ID, "copied", Map.of("written-in-place", true))),
            Map.of()));
    restore(layers());
    open();

    assertThat(restore(layers()).layers()).extracting(KeptLayer::layer).containsExactly("copied");
    cache.takeBack(folder.resolve("tars"));
    open();
    assertThat(restore(layers()).layers())
        .as("nor does it when the next one failed")
        .extracting(KeptLayer::layer)
        .containsExactly("copied");
  }

  @Test
  void what_a_build_that_may_still_run_has_as_links_is_dropped_whatever_it_wrote()
      throws Exception {
    cache.commit(
        new CacheIndex(
            List.of(
                ofImage(kept(ID, "linked", Map.of())),
                kept(ID, "copied", Map.of("written-in-place", true))),
            Map.of()));
    restore(layers());

    cache.giveUp();

    assertThat(cache.index().layers()).extracting(KeptLayer::layer).containsExactly("copied");
    assertThat(folder.resolve("cache/lent")).doesNotExist();
    assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**.moment*");
    cache.takeBack(folder.resolve("tars"));
    assertThat(cache.index().layers()).hasSize(1);
  }

  @Test
  void what_a_build_kept_is_not_dropped_for_what_it_had_before() throws Exception {
    cache.commit(new CacheIndex(List.of(kept(ID, "one", Map.of())), Map.of()));
    restore(layers());
    var kept = kept(ID, "other", Map.of());
    cache.commit(new CacheIndex(List.of(kept), Map.of()));

    cache.giveUp();

    assertThat(restore(layers()).layers()).containsExactly(kept);
  }

  @Test
  void where_the_clock_was_set_back_nothing_is_known() {
    var restored = new Moment(FileTime.fromMillis(100_000), -9 * SECOND, 0);
    var touched = FileTime.fromMillis(90_000);

    assertThat(restored.knows(touched, aMinuteLater(160_000))).isTrue();
    assertThat(restored.knows(touched, aMinuteLater(150_000))).isFalse();
    assertThat(restored.knows(touched, aMinuteLater(900_000))).isTrue();
    assertThat(restored.knows(FileTime.fromMillis(100_001), restored)).isFalse();
  }

  /// However long the clock took to be read.
  private static Moment aMinuteLater(long stamp) {
    return new Moment(FileTime.fromMillis(stamp), 60 * SECOND, 69 * SECOND);
  }

  @Test
  @Tag("BLD-9")
  void a_file_that_is_called_like_settings_is_no_settings() throws Exception {
    var made = Files.createDirectories(folder.resolve("made/one"));
    Files.writeString(made.resolve("env"), "as it was");
    cache.commit(new CacheIndex(List.of(kept(ID, "one", Map.of())), Map.of()));
    var one = restored("one");
    assertThat(cache.untouched().test(FolderListing.of(one))).isTrue();

    alter(one.resolve("env"));

    assertThat(cache.untouched().test(FolderListing.of(one))).isFalse();
  }
}
