package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What is asked for while something else is under way is not lost.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class ChangedMeanwhileTest {
  private final TestPlatform platform;

  ChangedMeanwhileTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("DEP-11")
  @Tag("STK-3")
  @Tag("nightly")
  void a_setting_that_is_made_during_a_rollback_follows_it() throws IOException {
    var app = App.create(platform, platform.environmentOf("meanwhile"), "shop");
    app.node("one")
        .write("Procfile", "web: node server.js\nworker: exec sleep 1000\n")
        .commit("one")
        .push()
        .ok();
    app.mesh("config", "set", "GREETING=old", "COLOUR=blue", "--no-restart").ok();
    // From now on a roll-out takes three seconds at least.
    app.mesh("svc", "update", "worker", "--ready-after", "3s").ok();
    assertThat(app.answer()).startsWith("one old");

    app.mesh("rollback", "v0", "--detach").ok();
    app.mesh("config", "set", "GREETING=new").ok();

    assertThat(app.answer()).startsWith("one new");
    var config = app.mesh("config", "ls").ok().out();
    assertThat(config).contains("GREETING", "new").doesNotContain("COLOUR");
    var rollback = app.mesh("deployments", "show", "v2", "--json").ok().out();
    var set = app.mesh("deployments", "show", "v3", "--json").ok().out();
    assertThat(rollback.replaceAll("\\s+", "")).contains("\"state\":\"live\",\"live\":false");
    assertThat(set.replaceAll("\\s+", ""))
        .contains("\"cause\":\"config\"", "\"live\":true")
        // It waited for the rollback, else this shows nothing.
        .containsPattern("\"name\":\"queued\",\"millis\":\\d{3}");
  }
}
