package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Processes are replaced while requests go on. A platform of its own: the others would notice.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RestartTest {
  private static final int TIMES = 2;
  private static final Duration PAUSE = Duration.ofMillis(20);

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
  @Tag("RTR-7")
  void a_router_that_is_told_to_end_hands_over_and_no_post_is_lost() throws Exception {
    var app = App.create(platform, platform.environmentOf("hand"), "shop");
    app.node("one").commit("one").push().ok();

    try (var steady = new Load(app, 20, PAUSE);
        var fleeting = new Load(app, 6, PAUSE, false)) {
      var routers = new ArrayList<>(List.of(platform.pidOf("router")));
      for (var i = 0; i < TIMES; i++) {
        var old = ProcessHandle.of(routers.getLast()).orElseThrow();
        Shell.run(platform.folder, platform.environment(), List.of("kill", "-TERM", "" + old.pid()))
            .ok();
        Await.until(
            "another router serves and the old one ended",
            Duration.ofSeconds(60),
            () -> platform.pidOf("router") != old.pid() && !old.isAlive());
        routers.add(platform.pidOf("router"));
        goesOn(steady, fleeting);
      }
      assertThat(routers).doesNotHaveDuplicates();
    }
    app.node("two").commit("two").push().ok();
    assertThat(app.answer()).startsWith("two");
  }

  @Test
  @Tag("RTR-6")
  void everything_can_be_restarted_under_load() throws Exception {
    var app = App.create(platform, platform.environmentOf("again"), "shop");
    app.node("one").commit("one").push().ok();

    try (var steady = new Load(app, 20, PAUSE);
        var fleeting = new Load(app, 6, PAUSE, false)) {
      var restart = platform.widemesh("restart").ok();

      assertThat(restart.out()).contains("router", "rack-runner", "control", "restarted");
      goesOn(steady, fleeting);
    }
    assertThat(platform.widemesh("restart", "rooter").err())
        .contains("there is no part 'rooter'")
        .contains("rack-runner");
    app.node("two").commit("two").push().ok();
    assertThat(app.answer()).startsWith("two");
  }

  private static void goesOn(Load... loads) throws Exception {
    for (var load : loads) {
      var after = load.answered() + 200;
      Await.until("traffic", Duration.ofSeconds(30), () -> load.answered() > after);
      assertThat(load.failures()).isEmpty();
    }
  }
}
