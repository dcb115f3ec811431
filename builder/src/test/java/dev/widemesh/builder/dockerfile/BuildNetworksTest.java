package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.lifecycle.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class BuildNetworksTest {
  @TempDir Path folder;
  private final String platform = UUID.randomUUID().toString().substring(0, 4);
  private final Engine engine = new Engine(platform, "127.0.0.1:1", "", "");
  private final BuildNetworks networks = new BuildNetworks(engine);
  private Docker docker;

  @BeforeEach
  void start() {
    docker = new Docker(folder.resolve("docker"));
  }

  @AfterEach
  void stop() throws Exception {
    for (var number = 1; number <= 3; number++) {
      docker.run("network", "rm", name(number));
    }
    engine.close();
  }

  private String name(int number) {
    return engine.network() + number;
  }

  @Test
  void each_build_has_one_of_its_own_and_gives_it_back() throws Exception {
    try (var first = networks.take();
        var second = networks.take()) {
      assertThat(first.ensured()).isEqualTo(name(1));
      assertThat(second.ensured()).isEqualTo(name(2));
    }
    try (var next = networks.take()) {
      assertThat(next.ensured()).isEqualTo(name(1));
    }
  }

  /// As when a step could not be removed, or the engine made one more after the build was stopped.
  @Test
  void one_with_a_container_left_on_it_is_nobodys_until_that_is_gone() throws Exception {
    try (var first = networks.take()) {
      first.ensured();
    }
    var image = image();
    var left = docker.succeed("create", "--network", name(1), image, "x");
    try (var taken = networks.take();
        var other = networks.take()) {
      assertThat(taken.ensured()).isEqualTo(name(3));
      assertThat(other.ensured()).isEqualTo(name(2));
    } finally {
      docker.succeed("rm", left);
      docker.succeed("rmi", image);
    }
    try (var next = networks.take()) {
      assertThat(next.ensured()).isEqualTo(name(1));
    }
  }

  private String image() throws Exception {
    var tar = folder.resolve("image.tar");
    Files.write(tar, new byte[1024]);
    return docker.succeed("import", tar.toString()).lines().toList().getLast();
  }
}
