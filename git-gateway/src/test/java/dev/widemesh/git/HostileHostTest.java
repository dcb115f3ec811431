package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.Sources.Remote;
import dev.widemesh.builder.Sources.Use;
import dev.widemesh.builder.debian.Trust;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.supply.Supply;
import dev.widemesh.model.BuildpackReference;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.TreeFormatter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Git servers that mean harm to whoever fetches a buildpack from them: they are hung up on, soon
/// and with a reason, and nothing of theirs stays.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class HostileHostTest {
  private static final int MB = 1_000_000;
  private static final int BLOB = 3;
  private static final String COMMIT = "c0ffee".repeat(6) + "c0ff";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final CountDownLatch OVER = new CountDownLatch(1);

  /// What the servers were asked for, and how many bytes they answered, in one test.
  private static final List<String> ASKED = new CopyOnWriteArrayList<>();

  private static final AtomicLong SENT = new AtomicLong();

  @TempDir static Path folder;
  private static GitHost host;

  @TempDir Path root;
  private Supply supply;

  @BeforeAll
  static void open() throws Exception {
    IsolatedJGit.prepare(folder.resolve("jgit"));
    host = GitHost.start(folder, folder.resolve("none.git"));
  }

  @AfterAll
  static void close() {
    OVER.countDown();
    host.close();
  }

  @BeforeEach
  void begin() throws IOException {
    ASKED.clear();
    SENT.set(0);
    var sources = new RepositorySources(Repositories.open(root.resolve("repositories")));
    supply =
        Supply.open(
            new Supply.Config(
                root.resolve("supply"),
                "127.0.0.1:1",
                Set.of(host.name()),
                Map.of(),
                Optional.of(host.certificate())),
            sources);
  }

  private interface Answer {
    void into(OutputStream out) throws IOException;
  }

  /// Its address. What it says of its branches, and what it sends when it is asked for one.
  private static String server(String name, Answer names, Answer pack) {
    serve(name, "/info/refs", "advertisement", names);
    serve(name, "/git-upload-pack", "result", pack);
    return "https://" + host.name() + name;
  }

  private static void serve(String name, String place, String what, Answer answer) {
    host.server()
        .createContext(
            name + place,
            exchange -> {
              try (exchange) {
                ASKED.add(exchange.getRequestURI().getPath());
                var _ = exchange.getRequestBody().readAllBytes();
                var type = "application/x-git-upload-pack-" + what;
                exchange.getResponseHeaders().set("Content-Type", type);
                exchange.sendResponseHeaders(200, 0);
                var out = new BufferedOutputStream(new Counted(exchange.getResponseBody()), 65_536);
                answer.into(out);
                out.flush();
              }
            });
  }

  private static final class Counted extends FilterOutputStream {
    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      SENT.addAndGet(length);
      out.write(bytes, offset, length);
    }
  }

  /// Until the tests are over.
  private static void silence() {
    try {
      OVER.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void line(OutputStream out, String text) throws IOException {
    out.write("%04x%s".formatted(text.length() + 4, text).getBytes(US_ASCII));
  }

  private static void flush(OutputStream out) throws IOException {
    out.write("0000".getBytes(US_ASCII));
  }

  private static void begin(OutputStream out) throws IOException {
    line(out, "# service=git-upload-pack\n");
    flush(out);
  }

  private static void names(OutputStream out) throws IOException {
    names(out, COMMIT);
  }

  private static void names(OutputStream out, String commit) throws IOException {
    begin(out);
    line(out, commit + " refs/heads/main\0multi_ack_detailed shallow ofs-delta\n");
    flush(out);
  }

  /// No commit is shallow, none is known to both; then comes the pack.
  private static void head(OutputStream out, int objects) throws IOException {
    flush(out);
    line(out, "NAK\n");
    out.write("PACK".getBytes(US_ASCII));
    out.write(ByteBuffer.allocate(8).putInt(2).putInt(objects).array());
  }

  private static void blob(OutputStream out, long claimed, byte[] content) throws IOException {
    object(out, BLOB, claimed, content);
  }

  private static void object(OutputStream out, int type, long claimed, byte[] content)
      throws IOException {
    var next = (type << 4) | (int) (claimed & 15);
    for (var left = claimed >> 4; left != 0; left >>= 7) {
      out.write(next | 0x80);
      next = (int) (left & 0x7f);
    }
    out.write(next);
    var level = new Deflater(Deflater.NO_COMPRESSION);
    try {
      var packed = new DeflaterOutputStream(out, level);
      packed.write(content);
      packed.finish();
    } finally {
      level.end();
    }
  }

  private void refuses(String reference, String... words) {
    var began = System.nanoTime();
    assertThatThrownBy(
            () -> {
              try (var deliveries = supply.begin("shop", List.of())) {
                var _ = deliveries.get(BuildpackReference.parse(reference));
              }
            })
        .isInstanceOf(BuildRefused.class)
        .hasMessageContainingAll(words);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
    assertThat(root.resolve("supply/drafts")).isEmptyDirectory();
  }

  @Test
  void names_without_end_are_not_read_to_their_end() {
    var server = server("/names.git", HostileHostTest::namesWithoutEnd, HostileHostTest::nothing);

    refuses(server + "#main", "git cannot read " + server, "its answer is longer than 20 MB");

    assertThat(SENT.get()).isBetween(20L * MB, 100L * MB);
    assertThat(ASKED).containsExactly("/names.git/info/refs");
  }

  private static void namesWithoutEnd(OutputStream out) throws IOException {
    begin(out);
    for (var number = 0L; true; number++) {
      line(out, COMMIT + " refs/heads/" + number + "\n");
    }
  }

  private static void nothing(OutputStream out) throws IOException {
    flush(out);
  }

  @Test
  void a_pack_without_end_is_not_read_to_its_end() {
    var server = server("/pack.git", HostileHostTest::names, HostileHostTest::packWithoutEnd);

    refuses(server + "#main", "git cannot read " + server, "its answer is longer than 100 MB");

    assertThat(SENT.get()).isBetween(100L * MB, 200L * MB);
  }

  private static void packWithoutEnd(OutputStream out) throws IOException {
    head(out, 200_000);
    for (var content = new byte[MB]; true; content[0]++) {
      blob(out, MB, content);
    }
  }

  record Bomb(String name, String reason, Answer pack) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bomb> bombs() {
    return Stream.of(
        new Bomb("four billion objects", "objects; at most 200,000", out -> head(out, -1)),
        new Bomb(
            "a file of four gigabytes",
            "unpacks to more than 2 GB",
            out -> {
              head(out, 1);
              blob(out, 1L << 32, new byte[10]);
            }),
        new Bomb(
            "a file of one gigabyte",
            "A file is larger than 50 MB (1,073,741,824 bytes)",
            out -> {
              head(out, 1);
              blob(out, 1L << 30, new byte[10]);
            }),
        new Bomb(
            "more of a file than there is",
            "The pack that git sent is damaged",
            out -> {
              head(out, 1);
              blob(out, 10, new byte[MB]);
            }));
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void a_pack_that_harms_is_refused_with_a_reason(Bomb bomb) {
    var name = "/bomb" + bomb.name().hashCode() + ".git";
    var server = server(name, HostileHostTest::names, bomb.pack());

    refuses(server + "#main", server + " is not taken: ", bomb.reason());
  }

  /// An object of git's.
  private static final class Piece {
    private final int type;
    private final byte[] content;

    Piece(int type, byte[] content) {
      this.type = type;
      this.content = content;
    }

    static Piece blob(String text) {
      return new Piece(Constants.OBJ_BLOB, text.getBytes(US_ASCII));
    }

    static Piece tree(FileMode mode, Piece of) {
      var tree = new TreeFormatter();
      tree.append("a", mode, of.id());
      return new Piece(Constants.OBJ_TREE, tree.toByteArray());
    }

    static Piece commit(Piece tree) {
      var who = " A <a@example.org> 1 +0000\n";
      var text = "tree %s\nauthor%scommitter%s\na commit\n".formatted(tree.id().name(), who, who);
      return new Piece(Constants.OBJ_COMMIT, text.getBytes(US_ASCII));
    }

    ObjectId id() {
      return new ObjectInserter.Formatter().idFor(type, content);
    }
  }

  /// A pack that is none the worse for what it lacks.
  private static void pack(OutputStream out, List<Piece> pieces) throws IOException {
    var pack = new ByteArrayOutputStream();
    head(pack, pieces.size());
    for (var piece : pieces) {
      object(pack, piece.type, piece.content.length, piece.content);
    }
    var digest = Constants.newMessageDigest();
    var answer = "00000008NAK\n".length();
    digest.update(pack.toByteArray(), answer, pack.size() - answer);
    out.write(pack.toByteArray());
    out.write(digest.digest());
  }

  record Gap(String name, Piece commit, List<Piece> others) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Gap> gaps() {
    var blob = Piece.blob("a file");
    var tree = Piece.tree(FileMode.REGULAR_FILE, blob);
    var deep = Piece.tree(FileMode.TREE, blob);
    var shallow = Piece.tree(FileMode.REGULAR_FILE, tree);
    var broken = new Piece(Constants.OBJ_TREE, "100644 no end".getBytes(US_ASCII));
    return Stream.of(
        new Gap("without its tree", Piece.commit(tree), List.of(blob)),
        new Gap("without a file", Piece.commit(tree), List.of(tree)),
        new Gap(
            "with a file where a folder is said to be", Piece.commit(deep), List.of(deep, blob)),
        new Gap(
            "with a folder where a file is said to be",
            Piece.commit(shallow),
            List.of(shallow, tree, blob)),
        new Gap("with a file for a tree", Piece.commit(blob), List.of(blob)),
        new Gap("with a tree that breaks off", Piece.commit(broken), List.of(broken)));
  }

  /// It is their repository that is at fault, not the platform.
  @ParameterizedTest
  @MethodSource("gaps")
  void a_commit_that_is_not_whole_is_refused(Gap gap) {
    var all = Stream.concat(Stream.of(gap.commit()), gap.others().stream()).toList();
    var server =
        server(
            "/gap" + gap.name().hashCode() + ".git",
            out -> names(out, gap.commit().id().name()),
            out -> pack(out, all));

    refuses(server + "#main", "git cannot read " + server);
  }

  @Test
  void whoever_is_silent_with_its_pack_is_hung_up_on() throws Exception {
    var mute = impatient(server("/late.git", HostileHostTest::names, _ -> silence()));
    var shy = impatient(server("/stuck.git", HostileHostTest::names, HostileHostTest::halfAPack));
    var found = mute.find("main").orElseThrow();

    hangsUp(() -> mute.export(found, root.resolve("tree"), new Limits(MB, 10)));
    hangsUp(() -> shy.export(found, root.resolve("tree"), new Limits(MB, 10)));
  }

  private static void halfAPack(OutputStream out) throws IOException {
    head(out, 2);
    blob(out, 10, new byte[10]);
    out.flush();
    silence();
  }

  @Test
  void whoever_is_silent_at_once_or_in_the_middle_of_its_names_is_hung_up_on() throws Exception {
    var mute = impatient(server("/mute.git", _ -> silence(), HostileHostTest::nothing));
    var shy = impatient(server("/shy.git", HostileHostTest::half, HostileHostTest::nothing));

    hangsUp(() -> mute.find("main"));
    hangsUp(() -> shy.find("main"));
  }

  private static void half(OutputStream out) throws IOException {
    begin(out);
    line(out, COMMIT + " refs/heads/main\n");
    out.flush();
    silence();
  }

  /// Waits a second where builds wait for half a minute.
  private OutsideRepository impatient(String url) throws IOException {
    Files.createDirectories(root.resolve("tree"));
    var trust = Trust.of(Optional.of(host.certificate()));
    return new OutsideRepository(
        new Remote(
            URI.create(url), Use.BUILDPACK, Proxy.NO_PROXY, trust, Duration.ofSeconds(1), root));
  }

  private static void hangsUp(ThrowingCallable call) {
    var began = System.nanoTime();
    assertThatThrownBy(call)
        .isInstanceOf(SourceRefused.class)
        .hasMessageContaining("git cannot read ");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(900), SOON);
  }

  @ParameterizedTest
  @CsvSource({
    "/info/refs, 'not fetched from 127.0.0.1, which is not on the public internet'",
    "/git-upload-pack, 'git cannot read '"
  })
  void where_a_server_sends_us_on_is_asked_by_the_same_rules(String place, String words)
      throws Exception {
    try (var inside = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      var name = "/on" + place.length() + ".git";
      if (!place.equals("/info/refs")) {
        serve(name, "/info/refs", "advertisement", HostileHostTest::names);
      }
      var there = "https://127.0.0.1:" + inside.getLocalPort() + name + place;
      host.server().createContext(name + place, exchange -> sendOn(exchange, there));

      refuses("https://" + host.name() + name + "#main", words);

      assertThat(ASKED).contains(name + place);
      inside.setSoTimeout(1);
      assertThatThrownBy(inside::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  private static void sendOn(HttpExchange exchange, String there) throws IOException {
    try (exchange) {
      ASKED.add(exchange.getRequestURI().getPath());
      var _ = exchange.getRequestBody().readAllBytes();
      var query = there.endsWith("/info/refs") ? "?service=git-upload-pack" : "";
      exchange.getResponseHeaders().set("Location", there + query);
      exchange.sendResponseHeaders(302, -1);
    }
  }

  /// JGit would go on and read it file by file, each as long as it likes.
  @Test
  void a_server_of_files_alone_is_not_read() {
    host.server()
        .createContext(
            "/files.git",
            exchange -> {
              try (exchange) {
                ASKED.add(exchange.getRequestURI().getPath());
                var refs = (COMMIT + "\trefs/heads/main\n").getBytes(US_ASCII);
                exchange.getResponseHeaders().set("Content-Type", "text/plain");
                exchange.sendResponseHeaders(200, refs.length);
                exchange.getResponseBody().write(refs);
              }
            });

    refuses("https://" + host.name() + "/files.git#main", "git cannot read ");

    assertThat(ASKED).containsOnly("/files.git/info/refs");
  }
}
