package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StoreTest {
  @TempDir private Path folder;

  /// As the tags of a repository are that is removed just then.
  @Test
  void a_folder_that_comes_and_goes_can_be_listed_at_any_moment() throws Exception {
    var tags = folder.resolve("_tags");
    try (var thread = Executors.newSingleThreadExecutor()) {
      var changes =
          thread.submit(
              () -> {
                for (var i = 0; i < 5_000; i++) {
                  Files.createDirectory(tags);
                  Files.delete(tags);
                }
                return true;
              });
      while (!changes.isDone()) {
        assertThat(Store.names(tags)).isEmpty();
      }
      assertThat(changes.get(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  void whoever_brings_damaged_content_again_makes_it_whole() throws Exception {
    var store = new Store(folder);
    var right = "right".getBytes(StandardCharsets.UTF_8);
    var digest = Digest.of("sha256", right);
    for (var damage : List.of("wrong", "cut", "")) {
      Files.writeString(store.content(digest), damage);
      store.keep(right, digest);
      assertThat(store.content(digest)).hasBinaryContent(right);

      Files.writeString(store.content(digest), damage);
      store.keep(Files.write(folder.resolve("upload"), right), digest);
      assertThat(store.content(digest)).hasBinaryContent(right);
      assertThat(folder.resolve("upload")).doesNotExist();
    }
  }

  @Test
  void a_link_that_is_damaged_says_no_size_and_whoever_pushes_the_blob_makes_it_whole()
      throws Exception {
    var store = new Store(folder);
    var right = "right".getBytes(StandardCharsets.UTF_8);
    var digest = Digest.of("sha256", right);
    store.keep(right, digest);
    store.linkBlob("a", digest);
    var link = store.blobLink("a", digest);
    assertThat(store.blob("a", digest)).isPresent();
    for (var damage : List.of(new byte[] {-1, -2, 0}, new byte[1], new byte[1_000_000])) {
      Files.write(link, damage);
      assertThat(store.blob("a", digest)).isEmpty();

      store.linkBlob("a", digest);
      assertThat(link).hasContent("5");
      assertThat(store.blob("a", digest)).isPresent();
    }
  }

  @Test
  void a_file_has_no_names_in_it() throws Exception {
    assertThat(Store.names(Files.createFile(folder.resolve("file")))).isEmpty();
  }
}
