package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.dockerfile.PulledImages.Bounds;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Base images out of a registry, pulled into the real engine.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class PulledImagesTest {
  private static final Bounds WEEK = new Bounds(Duration.ofDays(7), Long.MAX_VALUE);

  @TempDir Path folder;
  private RunningRegistry registry;
  private Docker docker;
  private Engine engine;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void start() throws Exception {
    registry = RunningRegistry.in(folder.resolve("registry"));
    docker =
        Docker.loggedIn(
            folder.resolve("docker"),
            registry.registry().address(),
            RunningRegistry.PUSHER,
            RunningRegistry.PASSWORD);
    engine = new Engine("test", registry.registry().address(), "", "");
  }

  @AfterEach
  void stop() throws Exception {
    var all = docker.succeed("images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}").lines();
    for (var line : all.filter(one -> one.contains(registry.registry().address())).toList()) {
      docker.run("rmi", "-f", line.split(" ", 2)[0]);
    }
    engine.close();
    registry.close();
  }

  private PulledImages pulled(Bounds bounds) {
    return new PulledImages(engine, new PullNotes(folder.resolve("notes")), bounds, () -> now);
  }

  /// Puts an image of that many bytes into the registry; the engine keeps nothing of it.
  private String published(String name, int bytes) throws Exception {
    var image = registry.registry().address() + "/base/" + name;
    Files.write(folder.resolve("file"), new byte[bytes]);
    var tar = new ProcessBuilder("tar", "cf", "image.tar", "file").directory(folder.toFile());
    assertThat(tar.start().waitFor()).isZero();
    docker.succeed("import", folder.resolve("image.tar").toString(), image);
    docker.succeed("push", image);
    docker.succeed("rmi", image);
    return image;
  }

  /// As a build does it.
  private String use(PulledImages.Use use, String image) throws Exception {
    use.begin(image);
    docker.succeed("pull", image);
    var id = docker.succeed("image", "inspect", "--format", "{{.Id}}", image);
    use.arrived(image, id);
    return id;
  }

  private void usedOnce(PulledImages pulled, String image) throws Exception {
    try (var use = pulled.new Use()) {
      use(use, image);
    }
  }

  private List<String> here() throws Exception {
    return docker
        .succeed("images", "--format", "{{.Repository}}:{{.Tag}}")
        .lines()
        .filter(line -> line.startsWith(registry.registry().address()))
        .toList();
  }

  private void aWeekLater() {
    now = now.plus(Duration.ofDays(8));
  }

  @Test
  void what_no_build_named_for_a_week_goes_also_after_a_restart() throws Exception {
    var old = published("old:1", 10);
    var fresh = published("fresh:1", 20);
    usedOnce(pulled(WEEK), old);
    aWeekLater();
    var pulled = pulled(WEEK);
    usedOnce(pulled, fresh);

    pulled.sweep();

    assertThat(here()).containsExactly(fresh);
    assertThat(new PullNotes(folder.resolve("notes")).all())
        .extracting(PullNotes.Note::name)
        .containsExactly(fresh);
  }

  @Test
  void what_lay_there_before_stays() throws Exception {
    var theirs = published("theirs:1", 10);
    docker.succeed("pull", theirs);
    var pulled = pulled(new Bounds(Duration.ofDays(7), 0));
    usedOnce(pulled, theirs);
    aWeekLater();

    pulled.sweep();

    assertThat(here()).containsExactly(theirs);
  }

  @Test
  void what_a_build_an_image_or_a_container_needs_stays() throws Exception {
    var inUse = published("used:1", 10);
    var below = published("below:1", 20);
    var run = published("run:1", 30);
    var pulled = pulled(new Bounds(Duration.ofDays(7), 0));
    usedOnce(pulled, run);
    var container = docker.succeed("create", run, "x");
    usedOnce(pulled, below);
    var context = Files.createDirectory(folder.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM " + below + "\nLABEL is=derived\n");
    var derived = registry.registry().address() + "/derived:1";
    docker.succeed("build", "-t", derived, context.toString());
    try (var use = pulled.new Use()) {
      use(use, inUse);
      aWeekLater();

      pulled.sweep();

      assertThat(here()).containsExactlyInAnyOrder(inUse, below, run, derived);
    } finally {
      docker.succeed("rm", container);
      docker.succeed("rmi", derived);
    }
    pulled.sweep();
    assertThat(here()).isEmpty();
  }

  @Test
  void over_the_size_the_longest_unused_go_first() throws Exception {
    var pulled = pulled(new Bounds(Duration.ofDays(7), 250_000));
    var first = published("first:1", 100_000);
    var second = published("second:1", 100_001);
    var third = published("third:1", 100_002);
    for (var image : List.of(first, second, third, first)) {
      usedOnce(pulled, image);
      now = now.plusSeconds(1);
    }

    pulled.sweep();

    assertThat(here()).containsExactlyInAnyOrder(first, third);
  }

  @Test
  void what_a_name_stood_for_before_goes() throws Exception {
    var pulled = pulled(WEEK);
    var image = published("moves:1", 10);
    var old = "";
    try (var use = pulled.new Use()) {
      old = use(use, image);
    }
    published("moves:1", 20);
    usedOnce(pulled, image);
    assertThat(docker.run("image", "inspect", old).status()).isZero();

    pulled.sweep();

    assertThat(here()).containsExactly(image);
    assertThat(docker.run("image", "inspect", old).status()).isNotZero();
  }

  private boolean isHere(String image) throws Exception {
    return docker.run("image", "inspect", image).status() == 0;
  }

  /// Pulls what the name stands for by its digest alone, as somebody may do by hand.
  private String pulledByDigest(String image) throws Exception {
    docker.succeed("pull", image);
    var digest = docker.succeed("image", "inspect", "--format", "{{index .RepoDigests 0}}", image);
    docker.succeed("rmi", image);
    docker.succeed("pull", digest);
    return digest;
  }

  @Test
  void what_a_name_stood_for_stays_while_a_build_needs_it() throws Exception {
    var pulled = pulled(WEEK);
    var image = published("moves:1", 10);
    String old;
    try (var use = pulled.new Use()) {
      old = use(use, image);
      published("moves:1", 20);
      usedOnce(pulled, image);

      pulled.sweep();

      assertThat(isHere(old)).isTrue();
    }
    pulled.sweep();
    assertThat(isHere(old)).isFalse();
  }

  @Test
  void what_a_build_took_stays_though_another_name_of_it_is_forgotten() throws Exception {
    var pulled = pulled(WEEK);
    var moves = published("moves:1", 10);
    docker.succeed("pull", moves);
    var same = moves.replace("moves:1", "same:1");
    docker.succeed("tag", moves, same);
    docker.succeed("push", same);
    docker.succeed("rmi", moves, same);
    usedOnce(pulled, same);
    aWeekLater();
    try (var use = pulled.new Use()) {
      var old = use(use, moves);
      published("moves:1", 20);
      docker.succeed("pull", moves);

      pulled.sweep();

      assertThat(isHere(old)).isTrue();
    }
  }

  @Test
  void what_somebody_pulled_by_its_digest_stays() throws Exception {
    var image = published("moves:1", 10);
    var theirs = pulledByDigest(image);
    var pulled = pulled(WEEK);
    usedOnce(pulled, image);
    published("moves:1", 20);
    usedOnce(pulled, image);

    pulled.sweep();
    assertThat(isHere(theirs)).isTrue();

    aWeekLater();
    pulled.sweep();
    assertThat(isHere(theirs)).isTrue();
  }

  @Test
  void what_somebody_knows_by_a_digest_elsewhere_stays() throws Exception {
    var pulled = pulled(WEEK);
    var image = published("moves:1", 10);
    usedOnce(pulled, image);
    var copy = image.replace("moves:1", "copy:1");
    docker.succeed("tag", image, copy);
    docker.succeed("push", copy);
    docker.succeed("rmi", copy);
    var id = docker.succeed("image", "inspect", "--format", "{{.Id}}", image);
    var digests = docker.succeed("image", "inspect", "--format", "{{.RepoDigests}}", id);
    var theirs = copy.replaceFirst(":1$", "") + digests.replaceFirst(".*?(@[^ \\]]*).*", "$1");
    docker.succeed("pull", theirs);
    published("moves:1", 20);
    usedOnce(pulled, image);
    docker.succeed("rmi", theirs.replace("copy@", "moves@"));

    pulled.sweep();

    assertThat(isHere(theirs)).isTrue();
  }

  @Test
  void what_another_build_names_by_its_digest_stays_until_that_goes_too() throws Exception {
    var image = published("moves:1", 10);
    var digest = pulledByDigest(image);
    docker.succeed("rmi", digest);
    var pulled = pulled(WEEK);
    usedOnce(pulled, digest);
    usedOnce(pulled, image);
    aWeekLater();
    usedOnce(pulled, digest);

    pulled.sweep();
    assertThat(isHere(digest)).isTrue();

    published("moves:1", 20);
    usedOnce(pulled, image);
    pulled.sweep();
    assertThat(isHere(digest)).isTrue();

    aWeekLater();
    pulled.sweep();
    pulled.sweep();
    assertThat(isHere(digest)).isFalse();
    assertThat(here()).isEmpty();
  }

  @Test
  void what_somebody_removed_and_pulled_again_is_theirs() throws Exception {
    var pulled = pulled(WEEK);
    var image = published("again:1", 10);
    usedOnce(pulled, image);
    docker.succeed("rmi", image);
    pulled.sweep();
    docker.succeed("pull", image);
    usedOnce(pulled, image);
    aWeekLater();

    pulled.sweep();

    assertThat(here()).containsExactly(image);
  }

  @Test
  void a_purge_takes_what_builds_brought_and_nothing_else() throws Exception {
    var theirs = published("theirs:1", 10);
    docker.succeed("pull", theirs);
    var image = published("ours:1", 20);
    var digest = pulledByDigest(image);
    docker.succeed("rmi", digest);
    var pulled = pulled(WEEK);
    for (var used : List.of(theirs, digest, image, digest)) {
      usedOnce(pulled, used);
      now = now.plusSeconds(1);
    }
    Files.move(folder.resolve("notes"), folder.resolve("dockerfile-bases"));

    DockerfileBuilds.purge(engine, folder);

    assertThat(here()).containsExactly(theirs);
  }

  @Test
  void a_damaged_note_stops_neither_builds_nor_sweeps() throws Exception {
    var pulled = pulled(WEEK);
    var image = published("damaged:1", 10);
    var old = published("old:1", 20);
    usedOnce(pulled, old);
    aWeekLater();
    usedOnce(pulled, image);
    try (var files = Files.list(folder.resolve("notes"))) {
      for (var file : files.toList()) {
        if (Files.readString(file).contains("damaged")) {
          Files.write(file, new byte[0]);
        }
      }
    }

    pulled.sweep();
    assertThat(here()).containsExactly(image);

    docker.succeed("rmi", image);
    usedOnce(pulled, image);
    assertThat(new PullNotes(folder.resolve("notes")).all())
        .extracting(PullNotes.Note::name)
        .containsExactly(image);
  }
}
