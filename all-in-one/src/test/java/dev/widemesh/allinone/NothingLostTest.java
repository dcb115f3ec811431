package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The promise in its own numbers; [NoLostRequestTest] is the short one.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@Tag("nightly")
@Tag("alone")
class NothingLostTest {
  private static final int CLIENTS = 40;
  private static final int ROLL_OUTS = 20;
  private static final int BETWEEN = 4;

  private final TestPlatform platform;

  NothingLostTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("DEP-9")
  @Tag("DEP-11")
  @Tag("SVC-3")
  @Tag("STK-3")
  void forty_clients_lose_nothing_in_twenty_roll_outs_and_all_that_goes_on_beside()
      throws Exception {
    var app = App.create(platform, platform.environmentOf("nothing"), "lossless");
    app.node("v0-").commit("v0").push().ok();

    try (var load = new Load(app, CLIENTS, Duration.ofMillis(40))) {
      for (var n = 1; n <= ROLL_OUTS; n++) {
        var version = "v" + n;
        during(load, version, () -> app.node(version + "-").commit(version).push());
        if (n % BETWEEN == 0) {
          during(load, "config", () -> app.mesh("config", "set", "GREETING=" + version));
          during(load, "rollback", () -> app.mesh("rollback"));
        }
      }
      during(load, "up", () -> app.mesh("svc", "update", "web", "--instances", "5"));
      Await.until(
          "five", Duration.ofSeconds(60), () -> platform.containers("lossless").size() >= 5);
      during(load, "down", () -> app.mesh("svc", "update", "web", "--instances", "1"));
      Await.until(
          "what was drained is gone",
          Duration.ofSeconds(90),
          () -> platform.containers("lossless").size() == 1);
      assertThat(load.failures()).isEmpty();
      System.out.printf("nothing lost: %d answered, 0 failed%n", load.answered());
      assertThat(load.answered()).isGreaterThan(10_000);
    }
    platform.mesh("doctor", "--invariants").ok();
  }

  private static void during(Load load, String what, Callable<Shell.Result> change)
      throws Exception {
    change.call().ok();
    assertThat(load.failures()).as(what).isEmpty();
  }
}
