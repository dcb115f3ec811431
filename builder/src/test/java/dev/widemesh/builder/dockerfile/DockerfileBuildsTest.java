package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.Mirrors;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DockerfileBuildsTest {
  @TempDir static Path folder;
  private final String platform = UUID.randomUUID().toString().substring(0, 4);

  @Test
  void a_start_removes_what_killed_builds_left_and_keeps_caches() throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    var config = config();
    try (var engine = engine()) {
      var cached = image(docker, "cached");
      image(docker, "left");
      new KeptImages(config.data().resolve("dockerfile-caches")).keep("one", Set.of(cached));

      var unfinished = List.of(unfinished(config, "caches"), unfinished(config, "bases"));

      DockerfileBuilds.start(config, engine, nowhere(), buildKit(config, engine));

      var mark = new Mark(platform, "one");
      assertThat(mark.images(engine)).extracting(image -> image.getId()).containsExactly(cached);
      assertThat(unfinished).noneMatch(Files::exists);
      DockerfileBuilds.purge(engine, config.data());
      assertThat(mark.images(engine)).isEmpty();
    }
  }

  /// Otherwise the build call, which was left, would look like one that went well.
  @Test
  @Tag("BLD-12")
  void a_build_that_cannot_be_watched_is_ended_and_refused() throws Exception {
    var stopped = new CountDownLatch(1);
    var engine = engine();
    var mark = new Mark(platform, "one");
    var limits = BuildLimits.USUAL;
    var written = new WrittenBytes(engine, mark, limits.written());
    engine.close();

    try (var watch =
        new StepWatch(
            engine, mark, limits, new Progress(List.of(), _ -> {}), written, stopped::countDown)) {
      assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(watch.last().orElseThrow().summary())
          .isEqualTo("the build was stopped: its limits could not be kept");
    }
  }

  /// All containers of a stack's builds bear one mark.
  @Test
  @Tag("BLD-12")
  void who_comes_too_late_to_stop_a_build_ends_nothing_of_the_next_one() throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    var config = config();
    try (var engine = engine()) {
      var builds = DockerfileBuilds.start(config, engine, nowhere(), buildKit(config, engine));
      for (var step : List.of("RUN make\n", "RUN --mount=target=/x make\n")) {
        var before = builds.open(request("before", step), _ -> {});
        before.close();
        try (var next = builds.open(request("next", step), _ -> {})) {
          var container = sleeper(docker);

          before.kill();
          assertThat(isRunning(docker, container)).as(step).isTrue();

          next.kill();
          assertThat(isRunning(docker, container)).as(step).isFalse();
        }
        assertThat(new Mark(platform, "one").containers(engine)).isEmpty();
      }
      DockerfileBuilds.purge(engine, config.data());
    }
  }

  private static DockerfileRequest request(String build, String step) {
    var origins = new Origins(Map.of(), Set.of(), List.of());
    var text = "FROM scratch\n" + step;
    return new DockerfileRequest(
        build, "one", "apps/one", text, "", Map.of(), "", origins, _ -> Map.of());
  }

  /// Runs this machine's own program, with the mark that its image has.
  private String sleeper(Docker docker) throws Exception {
    var words = new ArrayList<>(List.of("run", "-d", "--network", "none"));
    for (var root : List.of("/usr", "/lib", "/lib64")) {
      if (Files.isDirectory(Path.of(root))) {
        words.addAll(List.of("-v", root + ":" + root + ":ro"));
      }
    }
    words.addAll(List.of(image(docker, "sleeper"), "/usr/bin/sleep", "600"));
    return docker.succeed(words.toArray(String[]::new)).lines().toList().getLast();
  }

  private static boolean isRunning(Docker docker, String container) throws Exception {
    return docker.succeed("inspect", "-f", "{{.State.Running}}", container).equals("true");
  }

  @Test
  @Tag("BLD-9")
  void what_buildkit_kept_goes_with_its_stack_or_when_it_is_not_used() throws Exception {
    var caches = new KitCaches(folder.resolve("kit-caches"));
    for (var stack : List.of("here", "busy", "gone")) {
      Files.createDirectories(caches.state(stack));
      Files.writeString(caches.state(stack).resolve("file"), stack);
    }

    caches.keepOnly(Set.of("here"), Set.of("busy")::contains);

    assertThat(caches.state("here")).exists();
    assertThat(caches.state("busy")).exists();
    assertThat(caches.state("gone").getParent()).doesNotExist();
  }

  @Test
  @Tag("BLD-9")
  void what_buildkit_kept_is_bounded_and_never_taken_from_a_build() throws Exception {
    var caches = new KitCaches(folder.resolve("kit-bounds"));
    for (var stack : List.of("old", "begins", "new", "deep")) {
      Files.createDirectories(caches.state(stack));
      Files.write(caches.state(stack).resolve("file"), new byte[20_000]);
      caches.touch(stack);
      Thread.sleep(20); // so that each was used later than the one before
    }
    var deep = caches.state("deep");
    while (deep.toString().length() < 3_100) {
      deep = deep.resolve("d".repeat(200));
    }
    Files.createDirectories(deep);

    caches.keepOnly(Set.of("old", "begins", "new", "deep"), Set.of("begins")::contains, 60_000);

    try (var left = Files.list(folder.resolve("kit-bounds"))) {
      assertThat(left.map(place -> String.valueOf(place.getFileName())))
          .containsExactlyInAnyOrder("begins", "new");
    }
    caches.bound("new", 30_000);
    assertThat(caches.state("new")).exists();
    caches.bound("new", 10_000);
    assertThat(caches.state("new")).doesNotExist();
  }

  @Test
  @Tag("BLD-5")
  void what_a_killed_preparation_left_goes_once_nobody_prepares() throws Exception {
    var cache = folder.resolve("kit-left");
    var left = cache.resolve("buildkit").resolve("work-of-somebody");
    Files.createDirectories(left);
    try (var engine = engine()) {
      var buildKit = new BuildKit(config(), engine, cache, Optional.empty(), new NoImages());
      var lock = cache.resolve("buildkit").resolve("lock");
      var told = new CountDownLatch(1);
      try (var gate = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var _ = gate.lock()) {
        assertThatThrownBy(() -> buildKit.get(_ -> told.countDown(), () -> told.getCount() == 0))
            .isInstanceOf(BuildKit.Missing.class);
        assertThat(left).exists();
      }

      assertThatThrownBy(() -> buildKit.get(_ -> {}, () -> false))
          .hasMessageContaining("it cannot be had");
      assertThat(left).doesNotExist();
    }
  }

  @Test
  @Tag("BLD-5")
  void where_buildkit_cannot_be_had_its_reason_is_told() throws Exception {
    try (var engine = engine()) {
      var config = config();
      var named = Optional.of(folder.resolve("nothing-in-it"));
      var without = new BuildKit(config, engine, folder, named, new NoImages());

      assertThatThrownBy(() -> without.get(_ -> {}, () -> false))
          .isInstanceOf(BuildKit.Missing.class)
          .hasMessageContaining("it cannot be had")
          .hasMessageContaining("nothing-in-it does not have buildkitd and buildctl");
    }
  }

  private static ImageExporter nowhere() {
    return new ImageExporter(
        "127.0.0.1:1",
        "",
        "",
        folder.resolve("layers"),
        SigningKey.generate(),
        folder.resolve("signed"));
  }

  private static BuildKit buildKit(LifecycleConfig config, Engine engine) {
    return new BuildKit(config, engine, folder, Optional.empty(), new NoImages());
  }

  private static final class NoImages implements BuildKit.Images {
    @Override
    public String kit(Consumer<String> progress) throws IOException {
      throw new IOException("nobody asks for it");
    }

    @Override
    public String build(Consumer<String> progress) throws IOException {
      throw new IOException("nobody asks for it");
    }
  }

  /// What a write leaves that is killed.
  private static Path unfinished(LifecycleConfig config, String notes) throws Exception {
    var all = Files.createDirectories(config.data().resolve("dockerfile-" + notes));
    return Files.createFile(all.resolve("note1.new"));
  }

  private String image(Docker docker, String name) throws Exception {
    var tar = folder.resolve(name + ".tar");
    Files.write(tar, new byte[1024]);
    var label = "LABEL %s=%s/one\nLABEL is=%s".formatted(Mark.NAME, platform, name).split("\n", 2);
    return docker
        .succeed("import", "--change", label[0], "--change", label[1], tar.toString())
        .lines()
        .toList()
        .getLast();
  }

  private Engine engine() {
    return new Engine(platform, "127.0.0.1:1", "", "");
  }

  private static LifecycleConfig config() {
    return new LifecycleConfig(
        folder.resolve("builder"),
        folder,
        "127.0.0.1:1",
        Optional.empty(),
        Map.of(),
        Mirrors.NONE,
        BuildLimits.USUAL,
        0);
  }
}
