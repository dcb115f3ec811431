package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What somebody with a key may try against the git door: refused with a reason, nothing of it is
/// left, the processes are the same, and apps answer all the while.
@DisplayNameGeneration(ReplaceUnderscores.class)
class HostilePushTest {
  private static final int MB = 1_000_000;

  /// Some five seconds on a quiet machine.
  private static final Duration BOUND = Duration.ofSeconds(30);

  private static final long MEMORY = 256L * MB;

  private static TestPlatform platform;
  private static App app;
  private static Load load;
  private static Map<Path, Long> before;
  private static long control;

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.start();
    app = App.create(platform, platform.environmentOf("hostile"), "shop");
    app.node("one").commit("one").push().ok();
    load = new Load(app, 2, Duration.ofMillis(10));
    Await.until("the first push has gone", Duration.ofMinutes(1), HostilePushTest::isQuiet);
    before = stored();
    assertThat(before).isNotEmpty();
    control = platform.pidOf("control");
  }

  private static boolean isQuiet() throws IOException {
    try (var pushes = Files.list(platform.data.resolve("control/git/quarantine"))) {
      return pushes.findAny().isEmpty() && !app.remoteHead().isEmpty();
    }
  }

  @AfterEach
  void nothing_is_left_and_everybody_lives() throws IOException {
    Await.until(
        "nothing of the attack is left", Duration.ofMinutes(1), () -> stored().equals(before));
    assertThat(platform.pidOf("control")).isEqualTo(control);
  }

  @AfterAll
  static void stop() throws IOException {
    load.close();
    try {
      assertThat(load.failures()).isEmpty();
      app.node("two").commit("two").push().ok();
      assertThat(app.answer()).startsWith("two");
    } finally {
      platform.close();
    }
  }

  /// Every file of the git gateway with its size.
  private static Map<Path, Long> stored() throws IOException {
    var found = new TreeMap<Path, Long>();
    try (var files = Files.walk(platform.data.resolve("control/git"))) {
      for (var file : files.toList()) {
        found.put(file, Files.isDirectory(file) ? 0 : Files.size(file));
      }
    } catch (NoSuchFileException | java.io.UncheckedIOException e) {
      return Map.of(); // something goes just now
    }
    return found;
  }

  record Bomb(String name, String reason, Supplier<byte[]> pack) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bomb> bombs() {
    return Stream.of(
        new Bomb("claims two billion objects", "objects; at most", () -> empty(Integer.MAX_VALUE)),
        new Bomb("claims four billion objects", "objects; at most", () -> empty(-1)),
        new Bomb("a blob claims ten gigabytes", "A file is larger than 100 MB", () -> claim()),
        new Bomb("a blob is ten bytes and a gigabyte", "damaged", () -> lie()),
        new Bomb("a commit of 90 MB", "commit or tag is larger", () -> large(RawPack.COMMIT)),
        new Bomb("a tree of 90 MB", "commit or tag is larger", () -> large(RawPack.TREE)),
        new Bomb("deltas branch a thousand times", "more memory than", () -> branching()),
        new Bomb("unpacks to 55 GB", "unpacks to more than 50 GB", () -> unpacking()),
        new Bomb("is no pack", "damaged", () -> rubbish()),
        new Bomb("ends in its head", "truncated", () -> new byte[] {'P', 'A', 'C', 'K', 0, 0}));
  }

  private static byte[] rubbish() {
    return "rubbish and more of it".getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] empty(int claimed) {
    return new RawPack().bytes(claimed);
  }

  private static byte[] claim() {
    var pack = new RawPack();
    pack.object(RawPack.BLOB, 10_000L * MB, new byte[10]);
    return pack.bytes();
  }

  private static byte[] lie() {
    var pack = new RawPack();
    pack.repeated(RawPack.BLOB, 10, new byte[MB], 1_000);
    return pack.bytes();
  }

  private static byte[] large(int type) {
    var pack = new RawPack();
    pack.repeated(type, 90L * MB, new byte[MB], 90);
    return pack.bytes();
  }

  /// Each has two deltas made from it, and stays in memory until the second was looked at.
  private static byte[] branching() {
    var pack = new RawPack();
    var size = 900_000;
    var base = pack.object(RawPack.BLOB, new byte[size]);
    for (var i = 1; i <= 1_000; i++) {
      var next = pack.changed(base, size, i);
      pack.changed(base, size, -i);
      base = next;
    }
    return pack.bytes();
  }

  /// In 700 deltas of 30 bytes.
  private static byte[] unpacking() {
    var pack = new RawPack();
    var size = 80 * MB;
    var base = pack.repeated(RawPack.BLOB, size, new byte[MB], 80);
    for (var i = 1; i <= 700; i++) {
      pack.changed(base, size, i);
    }
    return pack.bytes();
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void a_pack_that_harms_is_refused_with_a_reason_and_takes_little(Bomb bomb) {
    var pack = bomb.pack().get();
    var memory = PeakMemory.of(control);
    var began = System.nanoTime();

    assertThat(new RawPush(app).branch(pack)).contains(bomb.reason());

    System.out.printf(
        "%s: %d ms, %d MB%n", bomb, (System.nanoTime() - began) / 1_000_000, memory.grownBy() / MB);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUND);
    assertThat(memory.grownBy()).isLessThan(MEMORY);
  }

  @Test
  void six_of_them_at_once_are_refused_like_one() {
    var push = new RawPush(app);
    var pack = branching();
    var memory = PeakMemory.of(control);
    var answers =
        IntStream.range(0, 6).mapToObj(_ -> Shell.inBackground(() -> push.branch(pack))).toList();

    assertThat(answers)
        .allSatisfy(
            answer ->
                assertThat(answer.join()).containsAnyOf("more memory than is free", "too many"));
    assertThat(memory.grownBy()).isLessThan(MEMORY);
  }

  /// The most that fit into the commands of a push, and one more than are taken.
  @ParameterizedTest
  @ValueSource(ints = {501, 9_000})
  void more_refs_than_a_push_may_have_are_refused(int count) {
    var push = new RawPush(app);
    var commands = push.commands(many(count));
    var began = System.nanoTime();

    var answer = push.send(RawPush.join(commands, new RawPack().bytes()));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUND);
    assertThat(answer)
        .contains("unpack ok")
        .contains("ng refs/heads/many-0 too many refs in one push: at most 500\n")
        .contains("ng refs/heads/many-%d too many refs in one push: ".formatted(count - 1))
        .doesNotContain("ok refs/");
  }

  private static List<String> many(int count) {
    return IntStream.range(0, count).mapToObj(i -> "refs/heads/many-" + i).toList();
  }

  static Stream<Arguments> endless() {
    var one = "refs/heads/" + "x".repeat(60_000);
    return Stream.of(
        Arguments.of("a hundred thousand refs", many(100_000)),
        Arguments.of("names of 60 kB", Collections.nCopies(300, one)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("endless")
  void commands_without_end_are_not_read_to_their_end(String name, List<String> refs) {
    var push = new RawPush(app);
    var commands = push.commands(refs);
    var began = System.nanoTime();

    var cut = push.exchange("git-receive-pack", RawPush.join(commands, new RawPack().bytes()));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).as(name).isLessThan(BOUND);
    assertThat(cut.answer())
        .contains("Commands size exceeds limit")
        .doesNotContain("unpack ok", "ok refs/");
    assertThat(commands.length).isGreaterThan(10 * MB);
    assertThat(cut.sent()).isLessThan(6 * MB);
  }

  @Test
  void names_of_refs_do_not_lead_anywhere() {
    for (var name :
        List.of(
            "refs/heads/../../config",
            "refs/heads/a.lock",
            "refs/heads/a\u0001b",
            "HEAD",
            "config")) {
      assertThat(making(name))
          .as(name)
          .contains("invalid protocol: wanted 'old new ref'")
          .doesNotContain("unpack ok");
    }
    assertThat(making("refs/widemesh/deployments/x"))
        .contains("unpack ok")
        .contains("ng refs/widemesh/deployments/x only branches and tags are kept here\n");
    for (var name : List.of("x".repeat(5_000), "x/".repeat(2_500) + "x")) {
      assertThat(making("refs/heads/" + name))
          .contains("unpack ok")
          .contains(name + " the name is too long: at most 250 bytes\n")
          .doesNotContain(platform.folder.toString());
    }
  }

  private static String making(String ref) {
    var push = new RawPush(app);
    return push.send(RawPush.join(push.commands(List.of(ref)), new RawPack().bytes()));
  }

  @Test
  void a_fetch_that_asks_without_end_is_ended() {
    var push = new RawPush(app);
    var began = System.nanoTime();

    var cut = push.exchange("git-upload-pack", question(700_000));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUND);
    assertThat(cut.answer()).doesNotContain("PACK");
    assertThat(cut.sent()).isBetween(20L * MB - MB, 25L * MB);
    assertThat(push.send("git-upload-pack", question(100))).contains("PACK");
  }

  /// Whole: whoever reads it to its end sends a pack.
  private static byte[] question(int haves) {
    var have = RawPush.line("have " + "1234567890".repeat(4) + "\n");
    var all = new ByteArrayOutputStream((haves + 4) * have.length);
    all.writeBytes(RawPush.line("want " + app.head() + " side-band-64k\n"));
    all.writeBytes("0000".getBytes(StandardCharsets.US_ASCII));
    for (var i = 0; i < haves; i++) {
      all.writeBytes(have);
    }
    all.writeBytes(RawPush.line("done\n"));
    return all.toByteArray();
  }

  @Test
  void a_push_that_is_cut_anywhere_leaves_nothing() throws Exception {
    var random = new Random(7);
    var content = new byte[4 * MB];
    random.nextBytes(content);
    var pack = new RawPack();
    pack.object(RawPack.BLOB, content);
    var push = new RawPush(app);
    var bytes = RawPush.join(push.commands(List.of("refs/heads/cut")), pack.bytes());

    for (var i = 0; i < 8; i++) {
      var process = push.start("git-receive-pack");
      var out = process.getOutputStream();
      out.write(bytes, 0, random.nextInt(bytes.length));
      out.flush();
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  @Tag("DEP-13")
  void a_gateway_killed_in_the_middle_of_a_push_leaves_nothing() throws Exception {
    var content = new byte[4 * MB];
    new Random(8).nextBytes(content);
    var pack = new RawPack();
    pack.object(RawPack.BLOB, content);
    var push = new RawPush(app);
    var bytes = RawPush.join(push.commands(List.of("refs/heads/cut")), pack.bytes());
    var process = push.start("git-receive-pack");
    process.getOutputStream().write(bytes, 0, 3 * MB);
    process.getOutputStream().flush();
    Await.until(
        "megabytes have arrived",
        Duration.ofSeconds(20),
        () -> stored().values().stream().mapToLong(size -> size).sum() > sum(before) + MB);

    platform.kill("control");

    process.waitFor();
    awaitBack();
  }

  private static void awaitBack() throws IOException {
    Await.until(
        "it is back",
        Duration.ofMinutes(1),
        () ->
            platform.pidOf("control") != control
                && platform.mesh("status").exitCode() == 0
                && app.git("ls-remote", "-q").exitCode() == 0);
    control = platform.pidOf("control");
  }

  /// By git itself, to a branch that is not deployed.
  @Test
  @Tag("nightly")
  @Tag("DEP-13")
  void a_gateway_killed_ten_times_in_a_push_of_150_mb_leaves_nothing() throws Exception {
    var big = clone("ten");
    random(big, "one", 75);
    random(big, "two", 75);
    git(big, "add", "-A").ok();
    git(big, "commit", "-q", "-m", "big").ok();
    var branch = app.remoteHead();
    var random = new Random(18);
    for (var i = 0; i < 10; i++) {
      var enough = sum(before) + random.nextLong(1, 140) * MB;
      var push = Shell.inBackground(() -> git(big, "push", "-q", "origin", "HEAD:refs/heads/big"));
      Await.until("so much has arrived", Duration.ofMinutes(1), () -> sum(stored()) >= enough);
      platform.kill("control");
      assertThat(push.join().exitCode()).isNotZero();
      awaitBack();
      nothing_is_left_and_everybody_lives();
      assertThat(app.remoteHead()).isEqualTo(branch);
      assertThat(git(big, "ls-remote", "origin").ok().out()).doesNotContain("heads/big");
      for (var repository : repositories()) {
        git(repository, "fsck", "--full").ok();
      }
    }
  }

  @Test
  @Tag("nightly")
  void a_push_of_350_mb_that_is_refused_is_not_kept() throws IOException {
    var big = clone("refused");
    for (var file : List.of("one", "two", "three")) {
      random(big, file, 83);
    }
    random(big, "too-large", 101);
    git(big, "add", "-A").ok();
    git(big, "commit", "-q", "-m", "big").ok();

    var push = git(big, "push", "-q", "origin", "HEAD:refs/heads/big");

    assertThat(push.exitCode()).isEqualTo(1);
    assertThat(push.err()).contains("A file is larger than 100 MB");
  }

  private static Path clone(String name) {
    var folder = platform.folder.resolve(name);
    var remote = platform.remote(app.environment, app.stack);
    app.git("clone", "-q", remote, folder.toString()).ok();
    // What is random gets no smaller.
    git(folder, "config", "core.compression", "0").ok();
    git(folder, "config", "core.bigFileThreshold", "1m").ok();
    return folder;
  }

  private static void random(Path folder, String name, int megabytes) throws IOException {
    var random = new Random(name.hashCode());
    var piece = new byte[MB];
    try (var file = Files.newOutputStream(folder.resolve(name))) {
      for (var i = 0; i < megabytes; i++) {
        random.nextBytes(piece);
        file.write(piece);
      }
    }
  }

  private static Shell.Result git(Path folder, String... args) {
    return Shell.run(folder, platform.environment(), join(List.of("git"), args));
  }

  private static List<Path> repositories() throws IOException {
    try (var all = Files.list(platform.data.resolve("control/git/repositories"))) {
      return all.toList();
    }
  }

  private static long sum(Map<Path, Long> files) {
    return files.values().stream().mapToLong(size -> size).sum();
  }

  @Test
  void no_command_but_two_does_anything() {
    var push = new RawPush(app);
    for (var command :
        List.of(
            "git-receive-pack '../../../../etc'",
            "git-upload-pack '/etc/passwd'",
            "git-upload-pack 'x/y.git'; id",
            "git-receive-pack \"$(id)\"",
            "git-receive-pack '`id`/x'",
            "git-upload-archive 'x/y'",
            "git-shell",
            "scp -t /tmp/x",
            "sh -c id",
            "git-receive-pack --upload-pack=id 'x/y'")) {
      var tried = Shell.run(platform.folder, Map.of(), push.ssh(List.of(), command));
      assertThat(tried.exitCode()).as(command).isNotZero();
      assertThat(tried.all()).as(command).doesNotContain("uid=");
      assertThat(tried.all()).as(command).containsAnyOf("git push ssh://", "no environment");
    }
  }

  @Test
  void nothing_is_forwarded_and_no_variable_taken() throws IOException {
    var push = new RawPush(app);
    var no = List.of("-o", "ExitOnForwardFailure=yes", "-o", "BatchMode=yes");
    var port = TestPlatform.freePort();

    assertThat(push.ssh(List.of("-W", "127.0.0.1:" + platform.api)).all())
        .contains("forwarding failed");
    assertThat(push.ssh(join(no, "-N", "-R", port + ":127.0.0.1:" + platform.api)).all())
        .contains("remote port forwarding failed");
    assertThat(Shell.run(platform.folder, Map.of(), push.ssh(List.of("-s"), "sftp")).all())
        .contains("subsystem request failed");
    // Asked for, refused, and nothing comes of it.
    assertThat(push.ssh(List.of("-A", "-X", "-o", "SetEnv=LD_PRELOAD=/tmp/x GIT_DIR=/etc")).all())
        .contains("there is no shell here");
  }

  private static List<String> join(List<String> one, String... more) {
    return Stream.concat(one.stream(), Arrays.stream(more)).toList();
  }
}
