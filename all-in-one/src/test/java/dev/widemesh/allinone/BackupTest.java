package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// One platform is backed up while it works, removed with all it had, and restored: each test goes
/// on where the one before it ended.
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackupTest {
  private static final String SECRET = "pAsswOrd-that-nobody-reads";
  private static final String SLOW =
      "{\"name\":\"app\",\"scripts\":{\"start\":\"node server.js\",\"build\":\"sleep 6\"}}\n";

  private static TestPlatform platform;
  private static App shop;
  private static App site;
  private static Path file;
  private static Path key;
  private static String bill = "";
  private static String admin = "";
  private static String ca = "";
  private static String signer = "";

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.start();
    shop = App.create(platform, platform.environmentOf("shop"), "web");
    site = App.create(platform, platform.environmentOf("site"), "www1");
    file = platform.folder.resolve("platform.backup");
    key = platform.folder.resolve("kept.key");
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
  }

  @Test
  @Order(1)
  @Tag("OPS-1")
  void it_is_made_while_requests_and_pushes_go_on() throws Exception {
    shop.node("one").commit("one").push().ok();
    shop.mesh("config", "set", "--secret", "GREETING=" + SECRET).ok();
    shop.node("two").commit("two").push().ok();
    site.write("index.html", "site 0\n").commit("0").push().ok();
    bill = shop.mesh("deployments", "sbom", "v0", "--json").ok().out();
    shop.write("package.json", SLOW).commit("slow");
    var pushing = Shell.inBackground(shop::push);
    Await.until(
        "it builds",
        Duration.ofSeconds(30),
        () -> shop.deployments().contains("\"version\":3,\"state\":\"building\""));

    try (var load = new Load(shop, 4)) {
      var sites = new Pushes(site);
      var made = platform.widemesh("backup", file.toString(), "--json").ok();
      sites.end();

      System.out.println("backup: " + made.out().strip());
      assertThat(made.out())
          .contains("\"environments\":2", "\"stacks\":2", "\"withKeys\":false", "\"lacking\":[]");
      assertThat(load.failures()).isEmpty();
      assertThat(load.answered()).isPositive();
    }
    pushing.join().ok();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(platform.data.resolve("control/backup.draft")).doesNotExist();
    assertThat(platform.widemesh("backup", file.toString()).err()).contains("exists already");
  }

  @Test
  @Order(2)
  @Tag("OPS-1")
  @Tag("STK-4")
  void nobody_reads_a_secret_in_it() throws IOException {
    var sealKey = Files.readAllBytes(platform.data.resolve("secrets/seal.key"));
    var secrets =
        List.of(
            SECRET.getBytes(StandardCharsets.UTF_8),
            sealKey,
            Files.readAllBytes(platform.data.resolve("secrets/admin")),
            line(platform.data.resolve("control/ca/ca.key"), 1),
            line(platform.data.resolve("secrets/signing.key"), 1),
            line(platform.data.resolve("control/git/ssh_host_ed25519_key"), 2));
    for (var secret : secrets) {
      assertThat(secret.length).isGreaterThan(15);
      assertThat(holds(secret)).isFalse();
    }
    // So that the search is known to find what is there.
    assertThat(holds(shop.environment.getBytes(StandardCharsets.UTF_8))).isTrue();
  }

  private static byte[] line(Path pem, int number) throws IOException {
    return Files.readAllLines(pem).get(number).getBytes(StandardCharsets.UTF_8);
  }

  /// In the file as it is, or in one of its parts once that is unpacked.
  private static boolean holds(byte[] words) throws IOException {
    if (contains(Files.readAllBytes(file), words)) {
      return true;
    }
    try (var tar = new TarArchiveInputStream(Files.newInputStream(file))) {
      for (var part = tar.getNextEntry(); part != null; part = tar.getNextEntry()) {
        if (contains(unpacked(tar), words)) {
          return true;
        }
      }
      return false;
    }
  }

  private static byte[] unpacked(InputStream part) throws IOException {
    var bytes = part.readAllBytes();
    var packed = bytes.length > 2 && bytes[0] == (byte) 0x1f && bytes[1] == (byte) 0x8b;
    return packed
        ? new GZIPInputStream(new java.io.ByteArrayInputStream(bytes)).readAllBytes()
        : bytes;
  }

  private static boolean contains(byte[] bytes, byte[] words) {
    var latin = StandardCharsets.ISO_8859_1;
    return new String(bytes, latin).contains(new String(words, latin));
  }

  @Test
  @Order(3)
  @Tag("OPS-1")
  void what_cannot_be_restored_is_refused_before_anything_is_changed() throws IOException {
    Files.copy(platform.data.resolve("secrets/seal.key"), key);
    admin = Files.readString(platform.data.resolve("secrets/admin"));
    ca = Files.readString(platform.data.resolve("ca.pem"));
    signer = Files.readString(platform.data.resolve("signing.pub"));
    refused(file, "there is a platform in", "--key", key.toString());
    platform.widemesh("purge", "--yes").ok();

    refused(file, "is not in it");
    var wrong = Files.write(platform.folder.resolve("wrong.key"), new byte[32]);
    refused(file, "was not made with this key", "--key", wrong.toString());
    var bytes = Files.readAllBytes(file);
    var cut = platform.folder.resolve("cut.backup");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    refused(cut, "cut off", "--key", key.toString());
    bytes[bytes.length / 3] ^= 4;
    var altered = Files.write(platform.folder.resolve("altered.backup"), bytes);
    refused(altered, "was altered", "--key", key.toString());
    assertThat(platform.data).doesNotExist();

    Files.writeString(Files.createDirectories(platform.data).resolve("mine"), "of somebody else");
    refused(file, "is not empty", "--key", key.toString());
    assertThat(platform.data.toFile().list()).containsExactly("mine");
    Files.delete(platform.data.resolve("mine"));
  }

  private static void refused(Path backup, String why, String... more) {
    var argv = new java.util.ArrayList<>(List.of("restore", backup.toString()));
    argv.addAll(List.of(more));

    var restore = platform.widemesh(argv.toArray(String[]::new));

    assertThat(restore.exitCode()).isEqualTo(1);
    assertThat(restore.err().lines()).as(restore.all()).hasSize(2);
    assertThat(restore.err()).startsWith("widemesh: ").contains(why, "\n  try: ");
  }

  @Test
  @Order(4)
  @Tag("OPS-1")
  void a_restore_that_is_killed_is_begun_anew() throws Exception {
    var killed = platform.startWidemesh("restore", file.toString(), "--key", key.toString());
    Await.until(
        "its database runs",
        Duration.ofSeconds(60),
        () -> PidFile.of("postgres", new DataFolder(platform.data)).process().isPresent());
    killed.destroyForcibly();
    assertThat(killed.waitFor(10, TimeUnit.SECONDS)).isTrue();

    var up = platform.tryUp();

    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.err()).contains("a restore into", "did not come to its end", "restore FILE");
  }

  @Test
  @Order(5)
  @Tag("OPS-1")
  void everything_comes_back_on_an_empty_machine() throws Exception {
    var begin = Instant.now();
    var restored =
        platform.widemesh("restore", file.toString(), "--key", key.toString(), "--json").ok();
    System.out.println("restore: " + restored.out().strip());
    assertThat(restored.out()).contains("--http " + platform.http);
    assertThat(platform.data.resolve("widemesh-restoring")).doesNotExist();

    try (var files = Files.walk(platform.data.resolve("control/registry/repositories"))) {
      assertThat(files.map(Path::toString)).as("bills").anyMatch(name -> name.endsWith(".sbom"));
    }
    platform.up();

    Await.until("the shop", Duration.ofMinutes(2), () -> shop.answer().contains(SECRET));
    var took = Duration.between(begin, Instant.now());
    System.out.println("first answer after " + took.toMillis() + " ms");
    assertThat(took).isLessThan(Duration.ofMinutes(15));
    assertThat(shop.answer()).startsWith("two " + SECRET);
    Await.until("the site", Duration.ofMinutes(1), () -> site.answer().startsWith("site "));
    assertThat(Files.readString(platform.data.resolve("login.json"))).contains(admin);
    assertThat(Files.readString(platform.data.resolve("ca.pem"))).isEqualTo(ca);
    assertThat(Files.readString(platform.data.resolve("signing.pub"))).isEqualTo(signer);
    assertThat(answerOverTls()).startsWith("two " + SECRET);
    assertThat(platform.mesh("keys", "ls").ok().out()).contains("SHA256:");
    Await.until(
        "what was being built is over",
        Duration.ofMinutes(2),
        () -> !shop.deployments().matches(".*\"state\":\"(queued|building|preparing)\".*"));
    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(2),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }

  /// With the certificate authority that people trusted before.
  private static String answerOverTls() throws IOException {
    var trusted = Files.writeString(platform.folder.resolve("trusted.pem"), ca);
    var url = "https://%s:%d/".formatted(shop.host(), platform.https);
    return Shell.run(
            platform.folder,
            Map.of(),
            List.of("curl", "-sS", "--max-time", "10", "--cacert", trusted.toString(), url))
        .ok()
        .out();
  }

  @Test
  @Order(6)
  @Tag("OPS-1")
  @Tag("BLD-10")
  void and_goes_on_as_before() throws IOException {
    assertThat(shop.mesh("deployments", "sbom", "v0", "--json").ok().out()).isEqualTo(bill);
    // To the same remote with the same host key, from the commit that the platform has or an
    // earlier one.
    site.write("index.html", "site new\n").commit("new").push().ok();
    assertThat(site.answer()).startsWith("site new");
    shop.mesh("rollback", "v0").ok();
    assertThat(shop.answer()).startsWith("one  ");
    shop.node("three").commit("three").push().ok();
    assertThat(shop.answer()).startsWith("three");
    assertThat(platform.mesh("doctor", "--invariants").ok().out()).contains("Nothing is wrong");
  }

  /// One push after the other, until it is told to end.
  private static final class Pushes {
    private final App app;
    private final CompletableFuture<Integer> all;
    private volatile boolean ending;

    Pushes(App app) {
      this.app = app;
      this.all = Shell.inBackground(this::push);
    }

    private int push() {
      var number = 0;
      try {
        while (!ending) {
          number++;
          app.write("index.html", "site " + number + "\n").commit("" + number).push().ok();
        }
        return number;
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    void end() {
      ending = true;
      assertThat(all.join()).isPositive();
    }
  }
}
