package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The sum of a stack's LFS files, whatever becomes of them.
@DisplayNameGeneration(ReplaceUnderscores.class)
class LfsRoomTest {
  private static final String STACK = "3f0e0a52-0000-4000-8000-000000000003";
  private static final long BLOCK = 4_096;

  @TempDir private Path folder;
  private Repositories repositories;

  @BeforeEach
  void open() throws IOException {
    repositories = Repositories.open(folder.resolve("data"));
  }

  /// As this gateway has it.
  private LfsStore usual() throws IOException {
    return store(repositories.require(STACK, "main"));
  }

  private LfsStore store(StackRepository repository) {
    return new LfsStore(repository, repositories, PushLimits.DEFAULT);
  }

  private LfsStore within(long files, long bytes) throws IOException {
    var usual = repositories.require(STACK, "main");
    var room = new LfsRoom(LfsStore.folder(usual.folder()), new LfsRoom.Bounds(files, bytes));
    return store(new StackRepository(usual.folder(), usual.lock(), room));
  }

  private static LfsPointer pointer(String content) {
    var hash = LfsStore.sha256().digest(content.getBytes(UTF_8));
    return new LfsPointer(HexFormat.of().formatHex(hash), content.length());
  }

  private static void put(LfsStore store, String content) throws IOException, Refused {
    store.put(pointer(content), new ByteArrayInputStream(content.getBytes(UTF_8)));
  }

  private static void assertFull(LfsStore store) {
    assertThatThrownBy(() -> put(store, "one more"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("more than");
    assertThatThrownBy(() -> store.requireRoom(List.of(pointer("one more"))))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("more than");
  }

  @Test
  void small_files_are_counted_and_cost_what_they_take_on_a_disk() throws Exception {
    var three = within(3, 1_000_000);
    for (var content : List.of("one", "two", "two", "three")) {
      put(three, content);
    }
    assertThatThrownBy(() -> put(three, "four"))
        .isInstanceOf(Refused.class)
        .hasMessage("the stack has more than 3 LFS files");
    assertThatThrownBy(() -> three.requireRoom(List.of(pointer("four"))))
        .isInstanceOf(Refused.class)
        .hasMessage("the stack has more than 3 LFS files");
    assertThat(repositories.strays()).isEmpty();

    assertFull(within(1_000, 4 * BLOCK - 1));
    put(within(1_000, 4 * BLOCK), "four");
  }

  /// Of the gateway's own figures: nothing of this file lies on the disk.
  @Test
  void files_that_come_at_once_do_not_pass_the_bound_together() throws Exception {
    var store = usual();
    var most = LfsRoom.Bounds.USUAL.bytes();
    huge(store, most - 1_500_000);
    var content = "x".repeat(1_000_000);
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var slow =
        new InputStream() {
          private final InputStream all = new ByteArrayInputStream(content.getBytes(UTF_8));

          @Override
          public int read() throws IOException {
            return all.read();
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            begun.countDown();
            await(go);
            return all.read(bytes, offset, length);
          }
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first =
          threads.submit(
              () -> {
                store.put(pointer(content), slow);
                return true;
              });
      await(begun);

      assertThatThrownBy(() -> put(usual(), "y".repeat(1_000_000)))
          .isInstanceOf(Refused.class)
          .hasMessage("the LFS files of the stack have more than 20,000 MB together");
      put(usual(), "y".repeat(400_000));

      go.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThatThrownBy(() -> put(usual(), "z".repeat(200_000))).isInstanceOf(Refused.class);
    put(usual(), "z".repeat(90_000));
  }

  private static void await(CountDownLatch what) throws IOException {
    try {
      assertThat(what.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /// A hole of that size.
  private static Path huge(LfsStore store, long size) throws IOException {
    var name = "0".repeat(64);
    var file = LfsStore.folder(store.repository().folder()).resolve("00/00").resolve(name);
    Files.createDirectories(file.getParent());
    try (var hole = new RandomAccessFile(file.toFile(), "rw")) {
      hole.setLength(size);
    }
    return file;
  }

  @Test
  void what_did_not_come_gives_its_room_back() throws Exception {
    var one = within(1, BLOCK);
    var cut = InputStream.nullInputStream();
    cut.close();
    for (var attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(
              () -> one.put(pointer("one"), new ByteArrayInputStream("two".getBytes(UTF_8))))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("is not the file");
      assertThatThrownBy(() -> one.put(pointer("one"), cut)).isInstanceOf(IOException.class);
    }
    put(one, "one");
    assertFull(one);
  }

  @Test
  void the_sum_is_right_after_a_restart() throws Exception {
    put(within(2, 2 * BLOCK), "one");
    put(within(2, 2 * BLOCK), "two");

    assertFull(within(2, 1_000_000));
    huge(usual(), LfsRoom.Bounds.USUAL.bytes() - BLOCK);
    repositories = Repositories.open(folder.resolve("data"));
    assertFull(usual());
  }

  @Test
  void what_the_garbage_collection_took_makes_room() throws Exception {
    var store = usual();
    put(store, "one");
    var huge = huge(store, LfsRoom.Bounds.USUAL.bytes());
    repositories = Repositories.open(folder.resolve("data"));
    assertFull(usual());

    var old = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    Files.setLastModifiedTime(huge, old);
    NightlyGc.collect(usual().repository(), NightlyGc.GRACE);

    assertThat(huge.resolveSibling("..").normalize()).doesNotExist();
    put(usual(), "one more");
    assertThat(usual().find(pointer("one"))).isPresent();
  }

  @Test
  void with_a_stack_its_sum_goes() throws Exception {
    var before = usual();
    huge(before, LfsRoom.Bounds.USUAL.bytes());
    assertFull(before);

    repositories.remove(STACK);
    assertThatThrownBy(() -> put(before, "too late")).isInstanceOf(IOException.class);
    put(usual(), "one more");
  }
}
