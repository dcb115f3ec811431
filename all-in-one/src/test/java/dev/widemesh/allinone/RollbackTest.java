package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@Tag("alone")
class RollbackTest {
  private final TestPlatform platform;

  RollbackTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("STK-3")
  @Tag("DEP-11")
  @Tag("DEP-7")
  @Tag("BLD-11")
  void configuration_rolls_without_a_build_and_rollback_brings_both_back() throws IOException {
    var app = App.create(platform, platform.environmentOf("conf"), "shop");
    app.node("one").commit("one").push().ok();

    var set = app.mesh("stack", "config", "set", "GREETING=hi").ok();
    assertThat(set.all()).doesNotContain("Node.js").contains("-----> ");
    assertThat(app.answer()).startsWith("one hi");

    assertThat(app.node("two").commit("two").push().ok().err())
        .contains("1 file put into the last image")
        .doesNotContain("Node.js");
    assertThat(app.answer()).startsWith("two hi");

    app.commit("nothing").push().ok();
    assertThat(app.answer()).startsWith("two hi");

    var took =
        Stream.of(back(app, "v0", "one  "), back(app, "v2", "two hi"), back(app, "v0", "one  "))
            .sorted()
            .toList();
    // Promised are 2 s on a machine with nothing else to do (docs/performance.md).
    System.out.printf("rollbacks, from their row to the first answer: %s%n", took);
    assertThat(took.get(1)).isLessThan(Duration.ofSeconds(5));
    assertThat(app.mesh("config", "ls").ok().out()).doesNotContain("GREETING");

    var list = app.mesh("deployments", "list").ok().out();
    assertThat(list).contains("v0", "v1", "v2", "v3", "v4", "rollback", "config", "push");
    assertThat(app.mesh("deployments", "show", "v0").ok().out()).contains("-----> Node.js");
  }

  /// From when it is taken to the first answer of what it goes back to; the app's own start is part
  /// of it, the start of `mesh` is not.
  private static Duration back(App app, String version, String answer) {
    var command = Shell.inBackground(() -> app.mesh("rollback", version));
    Await.until("it answers", Duration.ofSeconds(30), () -> app.answer().startsWith(answer));
    var answered = Instant.now();
    command.join().ok();
    var shown = app.mesh("deployments", "show", "--json").ok().out();
    var created = Pattern.compile("\"created\"\\s*:\\s*\"([^\"]+)\"").matcher(shown);
    assertThat(created.find()).as(shown).isTrue();
    return Duration.between(Instant.parse(created.group(1)), answered);
  }
}
