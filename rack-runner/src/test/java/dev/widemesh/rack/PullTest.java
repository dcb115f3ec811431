package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.AuthConfig;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With the real Docker.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PullTest {
  @TempDir Path folder;

  /// So Docker looks from here while it loads others' layers first.
  @Test
  @Tag("nightly")
  void an_image_that_waits_half_a_minute_for_its_turn_arrives() throws Exception {
    try (var registry = new HoldingRegistry(folder, Duration.ofSeconds(33));
        var engine = Engine.connect()) {
      engine.pull(registry.image(), new AuthConfig(), Duration.ofMinutes(2));

      assertThat(engine.hasImage(registry.image())).isTrue();
      assertThat(engine.removeImage(registry.image())).isTrue();
    }
  }
}
