package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.lifecycle.LayerCache.Index;
import dev.widemesh.builder.lifecycle.LayerCache.Kept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-9")
class CacheShelfTest {
  private static final int MOST = 100_000;

  @TempDir private Path folder;
  private CacheShelf shelf;

  @BeforeEach
  void open() {
    shelf = new CacheShelf(caches(), MOST);
  }

  private Path caches() {
    return folder.resolve("caches");
  }

  private void keep(LayerCache cache, int bytes) throws IOException {
    var made = Files.createDirectory(folder.resolve(UUID.randomUUID().toString()));
    Files.write(made.resolve("file"), new byte[bytes]);
    var listing = FolderListing.of(made);
    var kept =
        new Kept(
            "one",
            "layer",
            cache.adopt(made),
            Map.of(),
            null,
            0,
            listing.hash(),
            listing.bytes(),
            Map.of(),
            null);
    cache.commit(new Index(List.of(kept), Map.of()));
  }

  private void build(String stack, int bytes) throws IOException {
    keep(shelf.take(stack), bytes);
    shelf.giveBack(stack);
  }

  private void used(String stack, int hoursAgo) throws IOException {
    var time = Instant.now().minus(Duration.ofHours(hoursAgo));
    Files.setLastModifiedTime(caches().resolve(stack), FileTime.from(time));
  }

  private List<String> stacks() throws IOException {
    try (var all = Files.list(caches())) {
      return all.map(each -> String.valueOf(each.getFileName())).sorted().toList();
    }
  }

  @Test
  void together_they_hold_no_more_than_the_bound_and_the_longest_unused_goes_first()
      throws Exception {
    build("a", 30_000);
    build("b", 30_000);
    build("c", 30_000);
    used("a", 2);
    used("b", 3);
    used("c", 1);

    build("d", 30_000);
    assertThat(stacks()).containsExactly("a", "c", "d");

    build("e", 60_000);
    assertThat(stacks()).containsExactly("d", "e");
  }

  @Test
  void a_build_that_finds_its_layers_uses_them() throws Exception {
    build("a", 40_000);
    build("b", 40_000);
    used("a", 2);
    used("b", 1);
    var restored = shelf.take("a").stage(folder.resolve("staging"));
    assertThat(restored.whole().layers()).hasSize(1);
    shelf.giveBack("a");

    build("c", 40_000);

    assertThat(stacks()).containsExactly("a", "c");
  }

  @Test
  void what_a_build_uses_goes_only_when_it_ended() throws Exception {
    build("a", 60_000);
    used("a", 2);
    var _ = shelf.take("a");
    var _ = shelf.take("a");

    build("b", 90_000);
    assertThat(stacks()).as("a was not used for longest, and is in use").contains("b");

    shelf.giveBack("a");
    assertThat(stacks()).as("by another still").contains("a", "b");
    shelf.giveBack("a");
    assertThat(stacks()).as("now nobody uses a").containsExactly("b");
  }

  @Test
  void one_stack_alone_is_bounded_as_well() {
    assertThat(shelf.holds(MOST)).isTrue();
    assertThat(shelf.holds(MOST + 1)).isFalse();
    assertThat(new CacheShelf(folder, 5_000_000_000L).refusal(6_100_000_000L).text())
        .isEqualTo(
            "Nothing kept for the next build: 6,100 MB are more than all stacks may keep (5,000 MB)");
  }

  @Test
  void a_stack_that_went_beyond_it_under_an_earlier_bound_goes() throws Exception {
    build("a", 90_000);
    shelf = new CacheShelf(caches(), 10_000);

    build("b", 1_000);

    assertThat(stacks()).containsExactly("b");
  }

  @Test
  @Timeout(20)
  void the_next_build_of_a_stack_waits_until_the_one_before_it_is_cleared_away() throws Exception {
    var _ = shelf.take("a");
    var _ = shelf.take("a");
    var waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    shelf.awaitOthers("a");
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertThat(waiting.join(Duration.ofMillis(200))).isFalse();

    shelf.giveBack("a");

    assertThat(waiting.join(Duration.ofSeconds(5))).isTrue();
  }
}
