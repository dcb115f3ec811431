package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A rack without its controller: packets between them are dropped (nobody is told), or there is
/// none at all.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("alone")
@Tag("nightly")
class PartitionTest {
  private static final Duration APART = LongFaults.lasting(Duration.ofMinutes(1), 10);
  private static final Duration RESTARTED = Duration.ofSeconds(15);
  private static final Duration CAUGHT_UP = Duration.ofSeconds(10);

  private static TestPlatform platform;

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.start();
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
  }

  @Test
  void a_rack_that_is_cut_off_goes_on_and_converges_when_it_is_back() throws Exception {
    var pair = Pair.serving("cut");
    try (var load = new Load(pair.app(), 8, Duration.ofMillis(10))) {
      try (var _ = Cut.dropping(platform.api)) {
        goesOn(load, pair.victim());
      }
      catchesUp(load, pair.app(), System.nanoTime());
    }
    oneGeneration(pair.app());
  }

  @Test
  @Tag("RTR-6")
  void without_a_control_plane_apps_are_served_and_started_again() throws Exception {
    var pair = Pair.serving("gone");
    try (var load = new Load(pair.app(), 8, Duration.ofMillis(10))) {
      // Who would start it anew stands still.
      platform.signal("STOP", "supervisor");
      var before = platform.pidOf("control");
      try {
        platform.kill("control");
        goesOn(load, pair.victim());
      } finally {
        platform.signal("CONT", "supervisor");
      }
      Await.until(
          "there is a controller",
          Duration.ofSeconds(30),
          () -> platform.pidOf("control") != before && platform.mesh("status").exitCode() == 0);
      catchesUp(load, pair.app(), System.nanoTime());
    }
    oneGeneration(pair.app());
  }

  /// An app under load, and one to be killed.
  private record Pair(App app, App victim) {
    static Pair serving(String name) throws IOException {
      var app = App.create(platform, platform.environmentOf(name), name);
      app.node("one").commit("one").push().ok();
      var victim = App.create(platform, app.environment, name + "-victim");
      victim.node("victim").commit("one").push().ok();
      return new Pair(app, victim);
    }
  }

  /// For that long nobody tells the rack anything.
  private static void goesOn(Load load, App victim) throws IOException {
    var end = System.nanoTime() + APART.toNanos();
    restarts(victim);
    Await.until("the time apart is over", APART.plusMinutes(1), () -> System.nanoTime() > end);
    restarts(victim);
    assertThat(load.failures()).isEmpty();
    assertThat(load.answered()).isGreaterThan(1_000);
  }

  private static void restarts(App victim) throws IOException {
    var container = platform.containers(victim.stack).getFirst();
    var before = startOf(container);
    var killed = System.nanoTime();
    Shell.printed("docker", "kill", container);
    Await.until(
        "the crashed one runs again",
        Duration.ofMinutes(1),
        () -> startOf(container).startsWith("true ") && !startOf(container).equals(before));
    var took = Duration.ofNanos(System.nanoTime() - killed);
    System.out.printf("killed without a controller: runs again after %d ms%n", took.toMillis());
    assertThat(took).isLessThan(RESTARTED);
  }

  private static String startOf(String container) {
    return Shell.printed(
        "docker", "inspect", "--format", "{{.State.Running}} {{.State.StartedAt}}", container);
  }

  private static void catchesUp(Load load, App app, long healed) throws IOException {
    // What it logged can be read: a question reaches it, and its answer comes back.
    Await.until(
        "the rack is connected again",
        Duration.ofMinutes(1),
        () ->
            platform.widemesh("status").out().contains(" connected, routers 1")
                && app.mesh("logs", "--since", "30m", "--no-follow").out().contains("listening"));
    var took = Duration.ofNanos(System.nanoTime() - healed);
    System.out.printf("together again after %d ms%n", took.toMillis());
    assertThat(took).isLessThan(CAUGHT_UP);
    app.node("two").commit("two").push().ok();
    assertThat(load.failures()).isEmpty();
    assertThat(app.answer()).startsWith("two");
  }

  private static void oneGeneration(App app) {
    Await.until(
        "one generation only",
        Duration.ofMinutes(1),
        () -> platform.containers(app.stack).size() == 1);
    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }
}
