package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Docker dies and hangs under load. It is one of our own: the machine's has other work.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
@Tag("alone")
class DockerKillTest {
  @Test
  void with_live_restore_apps_go_on_and_so_do_deployments_afterwards() throws Exception {
    try (var docker = OwnDocker.start();
        var platform = TestPlatform.startWith(Map.of("DOCKER_HOST", docker.host()))) {
      var app = App.create(platform, platform.environmentOf("docker"), "shop");
      app.node("one").commit("one").push().ok();
      assertThat(platform.mesh("doctor").ok().out()).doesNotContain("restart of Docker");

      try (var load = new Load(app, 8, Duration.ofMillis(20))) {
        docker.kill();
        more(load);
        docker.startAgain();
        awaitHealth(platform);
        more(load);
        assertThat(load.failures()).as("killed").isEmpty();

        docker.signal("STOP");
        try {
          more(load);
          var found = platform.mesh("doctor");
          assertThat(found.exitCode()).as(found.toString()).isEqualTo(1);
          assertThat(found.out()).contains("rack local:", "does not answer");
          logsAreTold(app);
          more(load);
        } finally {
          docker.signal("CONT");
        }
        awaitHealth(platform);
        app.node("two").commit("two").push().ok();
        assertThat(load.failures()).as("hung").isEmpty();
        System.out.printf("dockerd killed and hung: %d answered, 0 failed%n", load.answered());
      }
      assertThat(app.answer()).startsWith("two");
    }
  }

  /// For longer than it takes until the rack looks for what is not its own any more.
  private static void logsAreTold(App app) {
    var end = Instant.now().plusSeconds(35);
    while (Instant.now().isBefore(end)) {
      var asked = Instant.now();
      assertThat(app.mesh("logs", "--since", "10m", "--no-follow").ok().out()).contains("web.1");
      assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(5));
    }
  }

  private static void more(Load load) {
    var enough = load.answered() + 500;
    Await.until("traffic", Duration.ofSeconds(30), () -> load.answered() > enough);
  }

  private static void awaitHealth(TestPlatform platform) {
    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(2),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }
}
