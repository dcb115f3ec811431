package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Container;
import dev.widemesh.builder.debian.BaseImages;
import dev.widemesh.builder.debian.BaseImagesConfig;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildContainerTest {
  private static final Path CACHE =
      Path.of(System.getProperty("java.io.tmpdir"), "widemesh-test-cache");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final String platform = UUID.randomUUID().toString().substring(0, 4);

  private interface Use {
    void of(Engine engine, String image) throws Exception;
  }

  private void with(Use use) throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    try (var registry = RunningRegistry.in(folder.resolve("registry"));
        var engine =
            new Engine(
                platform,
                registry.registry().address(),
                RunningRegistry.PUSHER,
                RunningRegistry.PASSWORD)) {
      var config =
          new BaseImagesConfig(CACHE, "http://deb.debian.org/debian", Optional.empty(), Map.of());
      var images = new BaseImages(config, registry.exporter(CACHE.resolve("layers")));
      var image = registry.registry().address() + "/" + images.run(_ -> {}).reference();
      try {
        use.of(engine, image);
      } finally {
        docker.run("network", "rm", engine.network());
        docker.run("rmi", image);
      }
    }
  }

  /// As between the buildpacks of a build: the daemon may still believe the last state.
  @Test
  void a_program_runs_in_one_that_was_paused_and_resumed_just_now() throws Exception {
    with(
        (engine, image) -> {
          try (var container = start(engine, image)) {
            for (var round = 0; round < 40; round++) {
              container.pause();
              container.resume();
              var said = new ArrayList<String>();
              var code = container.run(List.of("/bin/echo", "here"), Map.of(), said::add, LIMIT);

              assertThat(code).isZero();
              assertThat(said).containsExactly("here");
            }
          }
        });
  }

  private List<Container> mine(Engine engine) {
    return engine.containers(Engine.PLATFORM + "=" + platform);
  }

  @Test
  void all_that_remove_one_at_once_are_told_that_it_is_gone_when_it_is() throws Exception {
    with(
        (engine, image) -> {
          var container = start(engine, image);
          assertThat(mine(engine)).hasSize(1);
          var removals =
              Stream.generate(
                      () ->
                          CompletableFuture.supplyAsync(
                              () -> container.end() && mine(engine).isEmpty(),
                              Thread::startVirtualThread))
                  .limit(4)
                  .toList();

          assertThat(removals).allSatisfy(removal -> assertThat(removal.get()).isTrue());
          assertThat(container.end()).as("gone already").isTrue();
        });
  }

  /// The daemon cannot delete a file that the kernel holds fast.
  @Test
  void of_one_that_cannot_be_removed_nothing_runs_any_more() throws Exception {
    with(
        (engine, image) -> {
          var container = start(engine, image);
          var id = mine(engine).getFirst().getId();
          var held = engine.root().orElseThrow().resolve("containers/" + id + "/held");
          Files.createFile(held);
          attribute("+i", held);
          try {
            assertThat(container.end()).isTrue();
            var state = engine.calls().inspectContainerCmd(id).exec().getState();
            assertThat(state.getRunning()).isFalse();
          } finally {
            attribute("-i", held);
          }

          assertThat(container.end()).isTrue();
          assertThat(mine(engine)).isEmpty();
        });
  }

  private static void attribute(String change, Path file) throws Exception {
    var chattr = new ProcessBuilder("chattr", change, file.toString()).inheritIO().start();
    assertThat(chattr.waitFor()).isZero();
  }

  private static BuildContainer start(Engine engine, String image) throws Exception {
    return BuildContainer.start(
        engine,
        image,
        UUID.randomUUID().toString(),
        List.of(),
        HostUser.ofBuilds(),
        BuildLimits.USUAL,
        Duration.ofMinutes(5));
  }
}
