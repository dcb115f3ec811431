package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With the real engine and the real registry.
@DisplayNameGeneration(ReplaceUnderscores.class)
class AdoptionTest {
  private static final String REPOSITORY = "apps/one";
  private static final List<String> MARK = List.of("mark");

  @TempDir private Path folder;
  private final List<String> made = new ArrayList<>();

  @Test
  void what_the_engine_pushed_is_taken_over_and_not_what_somebody_else_pushed_there_since()
      throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    try (var registry = RunningRegistry.in(folder.resolve("store"));
        var engine = engine(registry)) {
      var exporter = registry.exporter(folder.resolve("cache"));
      var name = registry.registry().address() + "/" + REPOSITORY;
      var tag = UUID.randomUUID().toString();
      try {
        make(docker, name + ":" + tag, "ours");
        var pushed = engine.push(name, tag);
        make(docker, name + ":" + tag, "theirs");
        var smuggled = engine.push(name, tag);
        assertThat(smuggled).as("the tag is theirs now").isNotEqualTo(pushed);

        var image = exporter.adopt(REPOSITORY, pushed, MARK);

        assertThat(image.cmd()).containsExactly("ours");
        assertThat(exporter.isSigned(image.reference())).isTrue();
        assertThatThrownBy(() -> exporter.adopt(REPOSITORY, "sha256:" + "0".repeat(64), MARK))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("has no manifest");
      } finally {
        for (var image : made) {
          docker.run("rmi", "--force", image);
        }
      }
    }
  }

  private static Engine engine(RunningRegistry registry) {
    return new Engine(
        "adop", registry.registry().address(), RunningRegistry.PUSHER, RunningRegistry.PASSWORD);
  }

  private void make(Docker docker, String name, String command) throws Exception {
    var tar = Files.write(folder.resolve("empty.tar"), new byte[1024]);
    var cmd = "CMD [\"%s\"]".formatted(command);
    made.add(
        docker.succeed("import", "--change", cmd, tar.toString(), name).lines().toList().getLast());
  }
}
