package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.OutputLine.Draft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
  private static final int MOST = 120_000;

  @TempDir private Path folder;
  private final List<Draft> said = new CopyOnWriteArrayList<>();
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
        new KeptLayer(
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
    cache.commit(new CacheIndex(List.of(kept), Map.of()));
  }

  private void build(String stack, int bytes) throws IOException {
    try (var hold = shelf.take(stack)) {
      keep(hold.cache(), bytes);
    }
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
    try (var hold = shelf.take("a")) {
      assertThat(staged(hold).whole().layers()).hasSize(1);
    }

    build("c", 40_000);

    assertThat(stacks()).containsExactly("a", "c");
  }

  @Test
  void what_a_build_uses_goes_only_when_it_ended() throws Exception {
    build("a", 60_000);
    used("a", 2);
    var one = shelf.take("a");
    var other = shelf.take("a");

    build("b", 90_000);
    assertThat(stacks()).as("a was not used for longest, and is in use").contains("b");

    one.close();
    assertThat(stacks()).as("by another still").contains("a", "b");
    other.close();
    assertThat(stacks()).as("now nobody uses a").containsExactly("b");
  }

  @Test
  void one_stack_alone_is_bounded_as_well() {
    assertThat(shelf.holds(MOST)).isTrue();
    assertThat(shelf.holds(MOST + 1)).isFalse();
    assertThat(new CacheShelf(folder, 5_000_000_000L).refusal(6_100_000_000L).text())
        .isEqualTo(
            "Nothing kept for the next build: 6,100 MB are more than all stacks may keep (5,000"
                + " MB)");
  }

  @Test
  void a_stack_that_went_beyond_it_under_an_earlier_bound_goes() throws Exception {
    build("a", 90_000);
    shelf = new CacheShelf(caches(), 20_000);

    build("b", 1_000);

    assertThat(stacks()).containsExactly("b");
  }

  @Test
  void bills_and_notes_and_small_files_count_with_what_they_take_of_the_disk() throws Exception {
    try (var hold = shelf.take("a")) {
      keep(hold.cache(), 1);
      hold.cache().keepImage("an image");
      var index = 4_096;
      var image = 4_096;
      var folderAndFile = 2 * 4_096;
      assertThat(hold.cache().bytes()).isEqualTo(index + image + folderAndFile);

      var bill = Files.write(folder.resolve("bill"), new byte[100_000]);
      var _ = hold.cache().keepSbom(bill);
      assertThat(hold.cache().bytes()).isEqualTo(100_000 + index + image + folderAndFile);
    }
    used("a", 1);

    build("b", 1_000);

    assertThat(stacks()).as("layers of 16,384 bytes, and the bill").containsExactly("b");
  }

  private StagedLayers staged(CacheHold hold) throws Exception {
    return staged(hold, Deadline.in(Duration.ofMinutes(15), InstantSource.system()));
  }

  private StagedLayers staged(CacheHold hold, Deadline deadline) throws Exception {
    return hold.stage(folder.resolve(UUID.randomUUID().toString()), deadline, said::add);
  }

  private CompletableFuture<StagedLayers> staging(CacheHold hold) {
    return beside(() -> staged(hold));
  }

  private static <T> CompletableFuture<T> beside(Callable<T> task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.call();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        },
        Thread::startVirtualThread);
  }

  /// As while its container goes and its files are looked through.
  private CacheHold clearedAway() throws Exception {
    build("a", 30_000);
    var before = shelf.take("a");
    assertThat(staged(before).whole().layers()).hasSize(1);
    return before;
  }

  @Test
  @Timeout(60)
  void the_next_build_waits_until_the_one_before_it_is_cleared_away_and_has_all_of_it()
      throws Exception {
    var before = clearedAway();
    try (var next = shelf.take("a")) {
      var staging = staging(next);
      while (said.isEmpty()) {
        assertThat(staging).isNotDone();
        Thread.sleep(20);
      }
      assertThat(said.getFirst().text()).startsWith("Waiting for the build before");

      before.takeBack(true, folder.resolve("tars"));
      before.close();

      assertThat(staging.get().whole().layers()).hasSize(1);
      assertThat(said).hasSize(1);
    }
  }

  @Test
  @Timeout(60)
  void one_that_waited_for_long_enough_does_without_and_takes_nothing_from_others()
      throws Exception {
    shelf = new CacheShelf(caches(), MOST, Duration.ofMillis(50));
    var before = clearedAway();
    try (var next = shelf.take("a")) {
      assertThat(staged(next).whole().layers()).isEmpty();
      next.keep(1, cache -> keep(cache, 10), said::add);
      next.keepImage("of what was not kept");
      next.takeBack(false, folder.resolve("tars"));
    }
    assertThat(said)
        .extracting(Draft::text)
        .anyMatch(line -> line.contains("everything is made anew"))
        .anyMatch(line -> line.startsWith("Nothing kept for the next build"));

    before.takeBack(true, folder.resolve("tars"));
    before.close();

    try (var last = shelf.take("a")) {
      assertThat(staged(last).whole().layers()).hasSize(1);
      assertThat(last.cache().image()).isEmpty();
    }
  }

  @Test
  @Timeout(60)
  void what_a_build_made_that_did_without_is_kept_where_nobody_else_has_the_cache_by_then()
      throws Exception {
    shelf = new CacheShelf(caches(), MOST, Duration.ofMillis(50));
    var before = clearedAway();
    try (var next = shelf.take("a")) {
      assertThat(staged(next).whole().layers()).isEmpty();
      before.takeBack(true, folder.resolve("tars"));
      before.close();

      next.keep(1, cache -> keep(cache, 50_000), said::add);
    }

    try (var last = shelf.take("a")) {
      assertThat(staged(last).whole().bytes()).isGreaterThan(50_000);
    }
  }

  @Test
  @Timeout(60)
  void a_build_of_little_time_waits_for_a_fifth_of_what_is_left_of_it() throws Exception {
    var before = clearedAway();
    var deadline = Deadline.in(Duration.ofSeconds(15), InstantSource.system());
    var whole = folder.resolve("whole");
    try (var next = shelf.take("a")) {
      assertThat(staged(next, deadline).whole().layers()).isEmpty();
      assertThat(next.restoreWhole("builder", whole, HostUser.ofBuilds(), deadline, said::add))
          .isFalse();

      assertThat(deadline.left()).isGreaterThan(Duration.ofSeconds(5));
    }
    before.close();
  }

  @Test
  @Timeout(60)
  void whoever_is_stopped_does_not_wait_on() throws Exception {
    var before = clearedAway();
    try (var next = shelf.take("a")) {
      var staging = staging(next);

      next.leave();

      assertThat(staging.get().whole().layers()).isEmpty();
      assertThat(said).isEmpty();
    }
    before.close();
  }

  /// As when its image is still being pulled, or the daemon hangs.
  @Test
  @Timeout(60)
  void where_no_program_of_a_build_ran_nobody_waits_for_its_container_to_go() throws Exception {
    build("a", 30_000);
    var work = WorkFolders.create(folder.resolve("work"));
    var before = shelf.take("a");
    var deadline = Deadline.in(Duration.ofMinutes(15), InstantSource.system());
    var lent = before.stage(work.staging(), deadline, said::add).whole().layers().getFirst();
    assertThat(work.staging().resolve(lent.folder())).isDirectory();
    var gone = new CountDownLatch(1);
    var clearing =
        beside(
            () -> {
              new Clearing(before, work, work.staging())
                  .run(
                      () -> {
                        gone.await();
                        return false;
                      },
                      false);
              return true;
            });

    try (var next = shelf.take("a")) {
      assertThat(staged(next).whole().layers()).containsExactly(lent);
      assertThat(work.staging()).as("its links went before").doesNotExist();
    }

    assertThat(work.root()).isDirectory();
    assertThat(clearing).isNotDone();
    gone.countDown();
    assertThat(clearing.get()).isTrue();
    assertThat(work.root()).doesNotExist();
  }

  @Test
  @Timeout(60)
  void where_one_ran_the_cache_comes_back_when_it_ended_and_without_what_it_may_write_to()
      throws Exception {
    build("a", 30_000);
    for (var ended : List.of(true, false)) {
      var work = WorkFolders.create(folder.resolve("work"));
      var before = shelf.take("a");
      var deadline = Deadline.in(Duration.ofMinutes(15), InstantSource.system());
      assertThat(before.stage(work.staging(), deadline, said::add).whole().layers()).hasSize(1);

      new Clearing(before, work, work.staging())
          .run(
              () -> {
                assertThat(work.staging()).isDirectory();
                return ended;
              },
              true);

      try (var next = shelf.take("a")) {
        assertThat(staged(next).whole().layers()).hasSize(ended ? 1 : 0);
        next.takeBack(true, folder.resolve("tars"));
      }
    }
  }

  @Test
  void what_a_build_had_whose_container_does_not_go_is_no_longer_there() throws Exception {
    try (var before = clearedAway()) {
      before.takeBack(false, folder.resolve("tars"));
    }

    try (var next = shelf.take("a")) {
      assertThat(staged(next).whole().layers()).isEmpty();
    }
  }
}
