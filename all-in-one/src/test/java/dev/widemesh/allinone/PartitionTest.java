package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Packets between the rack and the controller are dropped, not refused: nobody is told.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("alone")
class PartitionTest {
  private static final Duration CUT_OFF = Duration.ofMinutes(2);
  private static final Duration HEALED = Duration.ofSeconds(20);

  @Test
  @Tag("nightly")
  void a_rack_that_is_cut_off_goes_on_and_converges_when_it_is_back() throws Exception {
    try (var platform = TestPlatform.start()) {
      var app = App.create(platform, platform.environmentOf("cut"), "shop");
      app.node("one").commit("one").push().ok();

      try (var load = new Load(app, 8, Duration.ofMillis(10))) {
        long answered;
        try (var _ = Cut.dropping(platform.api)) {
          var end = System.nanoTime() + CUT_OFF.toNanos();
          Await.until(
              "the time without a controller is over",
              CUT_OFF.plusMinutes(1),
              () -> System.nanoTime() > end);
          answered = load.answered();
        }
        Await.until(
            "the rack is connected again",
            HEALED,
            () ->
                platform.widemesh("status").exitCode() == 0
                    && platform.widemesh("status").out().contains("connected, routers 1"));
        assertThat(load.failures()).isEmpty();
        assertThat(load.answered()).isGreaterThan(answered);
        app.node("two").commit("two").push().ok();
        assertThat(load.failures()).isEmpty();
      }
      assertThat(app.answer()).startsWith("two");
      Await.until(
          "one generation only",
          Duration.ofMinutes(1),
          () -> platform.containers("shop").size() == 1);
      Await.until(
          "nothing disagrees",
          Duration.ofMinutes(1),
          () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
    }
  }
}
