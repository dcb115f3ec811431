package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The router has only its snapshot: whoever could tell it more stands still.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RouterKillTest {
  /// Two seconds where nothing else wants the processor.
  private static final Duration BUSY_MACHINE = Duration.ofSeconds(5);

  @Test
  @Tag("RTR-6")
  void a_killed_router_answers_again_within_seconds_by_its_snapshot_alone() throws Exception {
    try (var platform = TestPlatform.start()) {
      var app = App.create(platform, platform.environmentOf("router"), "shop");
      app.node("one").commit("one").push().ok();
      platform.signal("STOP", "control", "rack-runner");
      try {
        var start = System.nanoTime();
        platform.kill("router");
        Await.until("it answers", Duration.ofSeconds(30), () -> app.answer().startsWith("one"));
        var took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("killed router answers again after %d ms%n", took.toMillis());
        assertThat(took).isLessThan(BUSY_MACHINE);
      } finally {
        platform.signal("CONT", "control", "rack-runner");
      }
      Await.until(
          "nothing disagrees",
          Duration.ofMinutes(1),
          () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
    }
  }
}
