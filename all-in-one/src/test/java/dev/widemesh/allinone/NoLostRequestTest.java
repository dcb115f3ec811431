package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@Tag("alone")
class NoLostRequestTest {
  private final TestPlatform platform;

  NoLostRequestTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("DEP-9")
  @Tag("DEP-11")
  @Tag("SVC-3")
  @Tag("STK-3")
  void changes_under_a_steady_load_of_posts_fail_none() throws Exception {
    var app = App.create(platform, platform.environmentOf("load"), "shop");
    app.node("one").commit("one").push().ok();

    try (var load = new Load(app, 16)) {
      during(load, "push", () -> app.node("two").commit("two").push());
      during(load, "config", () -> app.mesh("config", "set", "GREETING=hi"));
      during(load, "rollback", () -> app.mesh("rollback"));
      during(load, "up", () -> app.mesh("svc", "update", "web", "--instances", "3"));
      during(load, "down", () -> app.mesh("svc", "update", "web", "--instances", "1"));
      assertThat(load.answered()).isGreaterThan(500);
    }
  }

  /// Traffic goes on for a while after each change: the old instances drain meanwhile.
  private static void during(Load load, String what, Callable<Shell.Result> change)
      throws Exception {
    change.call().ok();
    var after = load.answered() + 300;
    Await.until(
        "traffic after " + what, java.time.Duration.ofSeconds(30), () -> load.answered() > after);
    assertThat(load.failures()).as(what).isEmpty();
  }
}
