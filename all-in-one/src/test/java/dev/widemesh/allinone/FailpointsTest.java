package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The most telling points, one of each part but the router, which [RouterKillTest] kills;
/// [EveryFailpointTest] goes through all of them.
@DisplayNameGeneration(ReplaceUnderscores.class)
class FailpointsTest {
  private static final Path MANUAL =
      Path.of(System.getProperty("widemesh.home"), "docs/reliability.md");
  private static Drill drill;

  @BeforeAll
  static void start() throws IOException {
    drill = Drill.start();
  }

  @AfterAll
  static void stop() throws IOException {
    drill.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"PUSH_HIDDEN", "COMMITTED", "CONTAINER_CREATED"})
  @Tag("DEP-13")
  void a_process_that_is_killed_there_leaves_nothing_that_disagrees(Failpoint point)
      throws Exception {
    drill.at(point);
    drill.pushGoesLive();
  }

  @ParameterizedTest
  @EnumSource(Failpoint.class)
  void every_point_stands_in_the_manual(Failpoint point) throws IOException {
    assertThat(Files.readString(MANUAL))
        .contains("| `%s` | %s | %s |".formatted(point, point.now(), point.afterwards()));
  }

  @Test
  void no_other_point_stands_in_the_manual() throws IOException {
    var names = Pattern.compile("^\\| `([A-Z_]+)` \\|", Pattern.MULTILINE);
    assertThat(names.matcher(Files.readString(MANUAL)).results().map(found -> found.group(1)))
        .containsExactlyInAnyOrderElementsOf(
            EnumSet.allOf(Failpoint.class).stream().map(Failpoint::name).toList());
  }
}
