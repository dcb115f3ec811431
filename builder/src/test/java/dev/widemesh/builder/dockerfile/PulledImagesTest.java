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
    for (var image : List.copyOf(here())) {
      docker.run("rmi", "-f", image);
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
}
