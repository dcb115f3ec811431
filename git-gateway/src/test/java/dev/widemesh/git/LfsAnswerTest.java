package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.GitWire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jgit.transport.PacketLineOut;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients of git-lfs that last long, take long, or mean harm.
@DisplayNameGeneration(ReplaceUnderscores.class)
class LfsAnswerTest {
  private static final String STACK = "3f0e0a52-0000-4000-8000-000000000002";
  private static final GitWire.Grant GRANT = new GitWire.Grant(STACK, "main");
  private static final String CONTENT = "not really a picture";
  private static final String OID = oid(CONTENT);

  @TempDir private Path folder;
  private final AtomicBoolean left = new AtomicBoolean();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private Repositories repositories;
  private StackRepository repository;
  private PushLimits limits = PushLimits.DEFAULT;
  private LfsTurns turns = turns(Duration.ZERO);

  @BeforeEach
  void open() throws IOException {
    repositories = Repositories.open(folder.resolve("data"));
    repository = repositories.require(STACK, "main");
  }

  private static LfsTurns turns(Duration patience) {
    return turns(patience, Duration.ofMinutes(5));
  }

  private static LfsTurns turns(Duration patience, Duration idle) {
    return new LfsTurns(new Turns(2, 1, Duration.ofMillis(50)), patience, idle);
  }

  private static String oid(String content) {
    return HexFormat.of().formatHex(LfsStore.sha256().digest(content.getBytes(UTF_8)));
  }

  /// Each text a packet: `|` a delimiter, nothing an end.
  private static InputStream packets(String... texts) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new PacketLineOut(bytes);
    for (var text : texts) {
      switch (text) {
        case "" -> out.end();
        case "|" -> out.writeDelim();
        default -> out.writeString(text);
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  private Conversation conversation(InputStream in, OutputStream out) {
    return new Conversation(
        in, new GuardedOutput(out), OutputStream.nullOutputStream(), List.of(), left, stopping);
  }

  private LfsAnswer answer(boolean upload, LfsRight right) {
    var store = new LfsStore(repository, repositories, limits);
    return new LfsAnswer(store, turns, limits, "ann", right, upload);
  }

  private String ask(boolean upload, InputStream in)
      throws IOException, InterruptedException, Refused {
    said.reset();
    assertThat(answer(upload, LfsRight.of(() -> GRANT)).give(conversation(in, said))).isZero();
    return said.toString(UTF_8);
  }

  private static String put(String content) throws IOException {
    var put = packets("put-object " + oid(content), "size=" + content.length(), "|", content, "");
    return new String(put.readAllBytes(), UTF_8);
  }

  private static Packets packetsOf(String wire, int times) {
    return new Packets(new ByteArrayInputStream(wire.repeat(times).getBytes(US_ASCII)));
  }

  @Test
  void many_small_packets_are_no_way_to_fill_the_memory() throws IOException {
    assertThat(packetsOf("0004".repeat(1_000) + "0000", 1).lines().lines()).hasSize(1_000);
    for (var small : List.of("0004", "0005x")) {
      assertThatThrownBy(() -> packetsOf(small, 1_001).lines())
          .hasMessage("the client says too much at once");
    }
    assertThatThrownBy(() -> packetsOf("2710" + "x".repeat(9_996), 11).lines())
        .hasMessage("the client says too much at once");
    assertThatThrownBy(() -> packetsOf("0004", 1_001).content().readAllBytes())
        .hasMessage("the client sends packets of nothing");
  }

  @Test
  void who_loses_the_right_meanwhile_is_sent_away() throws Exception {
    var asked = new AtomicInteger();
    LfsRight.Question once =
        () -> {
          if (asked.incrementAndGet() > 2) {
            throw new Refused("you may not push there", "ask an admin");
          }
          return GRANT;
        };
    var in = packets("batch", "|", OID + " 20", "", "batch", "|", OID + " 20", "", "quit", "");

    answer(true, LfsRight.of(once, Duration.ZERO)).give(conversation(in, said));

    assertThat(said.toString(UTF_8))
        .contains(OID + " 20 upload")
        .contains("status 403")
        .contains("you may not push there")
        .containsOnlyOnce("status 200");
    assertThat(asked).hasValue(3);
  }

  @Test
  void a_stack_of_the_same_name_is_another_one_and_an_answer_is_good_for_a_while()
      throws Exception {
    var asked = new AtomicInteger();
    LfsRight.Question question = () -> new GitWire.Grant(STACK + asked.incrementAndGet(), "main");

    LfsRight.of(question).require();
    assertThat(asked).hasValue(1);

    var right = LfsRight.of(question, Duration.ZERO);
    assertThatThrownBy(right::require).isInstanceOf(Refused.class).hasMessageContaining("removed");
  }

  @Test
  void who_waits_in_vain_hears_to_try_again_and_is_read_to_the_end() throws Exception {
    try (var _ = turns.take("ann", conversation(packets(), said)).orElseThrow()) {
      var wire = put(CONTENT) + "0007bye0000";

      assertThat(ask(true, new ByteArrayInputStream(wire.getBytes(UTF_8))))
          .contains("status 429")
          .contains("status 501");
    }
    assertThat(ask(true, new ByteArrayInputStream(put(CONTENT).getBytes(UTF_8))))
        .contains("status 200");
    try (var _ = turns.take("ann", conversation(packets(), said)).orElseThrow()) {
      assertThat(ask(false, packets("get-object " + OID, ""))).contains("status 429");
    }
    assertThat(ask(false, packets("get-object " + OID, ""))).contains(CONTENT);
  }

  @Test
  void what_finds_no_room_is_refused_before_it_is_sent() throws Exception {
    var asked = new ArrayList<>(List.of("batch", "|"));
    for (var each = 0; each < 11; each++) {
      asked.add(oid("file " + each) + " 2000000000");
    }
    asked.add("");

    assertThat(ask(true, packets(asked.toArray(String[]::new))))
        .contains("status 422")
        .doesNotContain(" upload");
    assertThat(ask(false, packets(asked.toArray(String[]::new)))).contains(" download");
  }

  @Test
  void a_file_that_was_asked_for_meanwhile_is_not_removed_as_old() throws Exception {
    assertThat(ask(true, new ByteArrayInputStream(put(CONTENT).getBytes(UTF_8))))
        .contains("status 200");
    var file = new LfsStore(repository, repositories, limits).find(OID).orElseThrow();
    var yesterday = Instant.now().minus(Duration.ofDays(1));
    var longAgo = FileTime.from(yesterday.minus(Duration.ofDays(1)));

    Files.setLastModifiedTime(file, longAgo);
    assertThat(ask(true, packets("batch", "|", OID + " 20", ""))).contains("noop");
    repository.lfs().removeOld(file, yesterday);
    assertThat(file).hasContent(CONTENT);

    Files.setLastModifiedTime(file, longAgo);
    repository.lfs().removeOld(file, yesterday);
    assertThat(file).doesNotExist();
  }

  @Test
  void nobody_waits_for_a_turn_after_the_client_has_gone() throws Exception {
    turns = turns(Duration.ofHours(1));
    left.set(true);

    assertThat(turns.take("ann", conversation(packets(), said))).isEmpty();
  }

  @Test
  void more_than_was_announced_ends_the_connection() {
    var more = "004fput-object " + oid("x") + "000asize=1" + "0001" + "0006xx".repeat(2) + "0000";

    assertThatThrownBy(() -> ask(true, new ByteArrayInputStream(more.getBytes(UTF_8))))
        .isInstanceOf(IOException.class)
        .hasMessage("the client sends more than 1 bytes");
  }

  @Test
  void what_nobody_wants_is_not_read_without_end() throws Exception {
    var much = "0007bye0001" + ("2710" + "x".repeat(9_996)).repeat(100) + "0000";
    assertThat(ask(true, new ByteArrayInputStream(much.getBytes(UTF_8)))).contains("status 501");

    var more = "0007bye0001" + ("2710" + "x".repeat(9_996)).repeat(101) + "0000";
    assertThatThrownBy(() -> ask(true, new ByteArrayInputStream(more.getBytes(UTF_8))))
        .hasMessage("the client sends more than 1,000,000 bytes");
    assertThatThrownBy(
            () ->
                ask(
                    false,
                    new ByteArrayInputStream(
                        ("004fput-object " + oid("x") + "000asize=1" + more.substring(7))
                            .getBytes(UTF_8))))
        .hasMessage("the client sends more than 1,000,000 bytes");
  }

  @Test
  void who_asks_for_nothing_goes_but_not_while_others_of_it_are_at_work() throws Exception {
    turns = turns(Duration.ZERO, Duration.ofMillis(500));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = new PipedOutputStream();
        var in = new PipedInputStream(client)) {
      var turn = turns.take("ann", conversation(packets(), said)).orElseThrow();
      var asking = threads.submit(() -> ask(true, in));
      assertThatThrownBy(() -> asking.get(3, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);

      client.write(packets("batch", "|", OID + " 20", "").readAllBytes());
      client.flush();
      House.await("an answer", () -> said.toString(UTF_8).contains(OID + " 20 upload"));
      turn.close();

      assertThat(asking.get(20, TimeUnit.SECONDS)).contains("status 200");
    }
  }

  @Test
  void a_request_that_began_must_go_on() throws Exception {
    limits = limits(limits.compose(), Duration.ofMillis(200), limits.pace());
    try (var client = new PipedOutputStream();
        var in = new PipedInputStream(client)) {
      client.write("0007by".getBytes(UTF_8));

      assertThatThrownBy(() -> ask(true, in)).isInstanceOf(InterruptedIOException.class);
    }
  }

  @Test
  void who_is_idle_when_the_gateway_stops_goes_at_once() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = new PipedOutputStream();
        var in = new PipedInputStream(client)) {
      var asking = threads.submit(() -> ask(true, in));
      House.await("a greeting", () -> said.toString(UTF_8).contains("version=1"));

      stopping.set(true);

      assertThat(asking.get(5, TimeUnit.SECONDS)).doesNotContain("status");
    }
  }

  @Test
  void nothing_more_is_read_when_the_gateway_stops() throws Exception {
    stopping.set(true);

    assertThat(ask(true, packets("batch", "|", OID + " 20", ""))).doesNotContain("status");
  }

  @Test
  void who_waits_for_a_turn_when_the_gateway_stops_goes_unread() throws Exception {
    turns = turns(Duration.ofHours(1));
    try (var _ = turns.take("ann", conversation(packets(), said)).orElseThrow();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = new PipedOutputStream();
        var in = new PipedInputStream(client)) {
      var asking = threads.submit(() -> ask(true, in));
      client.write(packets("put-object " + OID, "size=20", "|").readAllBytes());
      client.flush();
      while (in.available() > 0 && !asking.isDone()) {
        Thread.sleep(20);
      }

      stopping.set(true);

      assertThat(asking.get(5, TimeUnit.SECONDS)).doesNotContain("status");
    }
  }

  @Test
  void a_client_may_look_through_its_history_between_requests_and_goes_when_it_never_asks_again()
      throws Exception {
    turns = turns(Duration.ZERO, Duration.ofSeconds(4));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = new PipedOutputStream();
        var in = new PipedInputStream(client)) {
      var asking = threads.submit(() -> ask(true, in));
      client.write(packets("batch", "|", OID + " 20", "").readAllBytes());
      client.flush();
      House.await("an answer", () -> said.toString(UTF_8).contains(OID + " 20 upload"));
      assertThatThrownBy(() -> asking.get(2, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);

      client.write(packets("batch", "|", OID + " 21", "").readAllBytes());
      client.flush();

      assertThat(asking.get(30, TimeUnit.SECONDS)).contains(OID + " 21 upload");
    }
  }

  @Test
  void a_connection_may_be_idle_for_longer_than_a_push_may_think() throws Exception {
    limits = limits(Duration.ofMillis(100), limits.silence(), limits.pace());
    var late =
        new InputStream() {
          @Override
          public int read() throws IOException {
            pause(500);
            return -1;
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    var in = new SequenceInputStream(late, packets("batch", "|", OID + " 20", ""));

    assertThat(ask(true, in)).contains(OID + " 20 upload");
  }

  @Test
  void who_takes_a_file_too_slowly_gets_no_more_of_it() throws Exception {
    var large = "x".repeat(1_000_000);
    var store = new LfsStore(repository, repositories, limits);
    store.put(
        new LfsPointer(oid(large), large.length()),
        new ByteArrayInputStream(large.getBytes(UTF_8)));
    limits =
        limits(
            limits.compose(),
            limits.silence(),
            new PushLimits.Pace(1_000_000, Duration.ofMillis(200), Duration.ofHours(1)));
    var got = new AtomicInteger();
    var slow =
        new OutputStream() {
          @Override
          public void write(int one) {
            got.incrementAndGet();
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            got.addAndGet(length);
            pause(100);
          }
        };

    assertThatThrownBy(
            () ->
                answer(false, LfsRight.of(() -> GRANT))
                    .give(conversation(packets("get-object " + oid(large), ""), slow)))
        .isInstanceOf(PackRefused.class);
    assertThat(got.get()).isBetween(30_000, 300_000);
  }

  private static void pause(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException _) {
      throw new InterruptedIOException();
    }
  }

  private static PushLimits limits(Duration compose, Duration silence, PushLimits.Pace pace) {
    var usual = PushLimits.DEFAULT;
    return new PushLimits(
        usual.file(),
        usual.pack(),
        usual.objects(),
        usual.structure(),
        usual.unpacked(),
        compose,
        silence,
        pace,
        usual.freeDisk());
  }
}
