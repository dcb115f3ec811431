package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.lifecycle.BuildLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("DEP-12")
class KitProgressTest {
  private final List<String> lines = new ArrayList<>();
  private final KitProgress progress = new KitProgress(line -> lines.add(line.text()));

  private void vertex(String digest, String name, String more) {
    progress.accept(
        "{\"vertexes\":[{\"digest\":\"%s\",\"name\":\"%s\"%s}]}".formatted(digest, name, more));
  }

  private void log(String digest, String text) {
    var data = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    progress.accept("{\"logs\":[{\"vertex\":\"%s\",\"data\":\"%s\"}]}".formatted(digest, data));
  }

  @Test
  void what_a_step_prints_is_its_own_though_its_begin_is_told_later() {
    vertex("a", "[1/3] COPY . .", ",\"started\":\"1\",\"cached\":true");
    vertex("b", "[stage-1 2/3] RUN  make", "");
    vertex("c", "[internal] load .dockerignore", ",\"started\":\"1\"");
    log("b", "half a ");
    log("b", "line\nthe last");
    vertex("b", "[stage-1 2/3] RUN  make", ",\"started\":\"2\",\"error\":\"x\"");
    progress.accept("Dockerfile:7");
    progress.accept("error: failed to solve: process did not complete: exit code: 2");

    assertThat(progress.tail()).containsExactly("half a line", "the last");
    assertThat(lines).containsExactly("COPY . .", "cached", "RUN make", "half a line", "the last");
    assertThat(progress.failedLine()).isEqualTo(7);
    assertThat(progress.error()).isEqualTo("process did not complete: exit code: 2");
  }

  @Test
  void what_is_no_status_ends_nothing() {
    progress.accept("{\"logs\":[{\"vertex\":1,\"data\":\"%%%\"}]}");
    progress.accept("{");

    assertThat(progress.error()).isEqualTo("a status that cannot be read");
    assertThat(progress.printed()).isPositive(); // for nobody knows what it hid
  }

  /// A log entry of one letter takes more than thirty in its status, BuildKit's own more than a
  /// hundred.
  @Test
  @Tag("BLD-12")
  void what_was_printed_counts_and_not_what_is_said_about_it() {
    var limits = limits(1_000);
    log("a", "x".repeat(1_000));
    assertThat(progress.printed()).isEqualTo(1_000);
    assertThat(progress.refusal(limits)).isEmpty();

    progress.accept("y");

    assertThat(progress.printed()).isEqualTo(1_001);
    assertThat(progress.refusal(limits).orElseThrow().summary())
        .startsWith("the build printed more than");
  }

  @Test
  @Tag("BLD-12")
  void what_is_said_about_it_has_a_bound_as_well() {
    var limits = limits(1_000);
    for (var i = 0; i < 100; i++) {
      log("a", "x");
    }
    assertThat(progress.refusal(limits)).isEmpty();

    for (var i = 0; i < 200; i++) {
      log("a", "x");
    }

    assertThat(progress.printed()).isEqualTo(300);
    assertThat(progress.refusal(limits).orElseThrow().summary())
        .isEqualTo("the build printed in too many pieces");
  }

  private static BuildLimits limits(long printed) {
    var usual = BuildLimits.USUAL;
    return new BuildLimits(
        usual.time(), usual.memory(), usual.cpus(), usual.processes(), usual.written(), printed);
  }
}
