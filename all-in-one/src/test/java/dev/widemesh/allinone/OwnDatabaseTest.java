package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnDatabaseTest {
  private static final String VARIABLE = "WIDEMESH_DATABASE_URL";

  @Test
  @Tag("nightly")
  void a_platform_keeps_its_state_in_the_database_that_the_operator_named() throws Exception {
    try (var server = OwnPostgres.start();
        var platform = TestPlatform.startWith(Map.of(VARIABLE, server.url()))) {
      var app = App.create(platform, platform.environmentOf("own"), "site");
      app.write("index.html", "from a database of my own\n").commit("1").push().ok();

      assertThat(app.answer()).contains("a database of my own");
      assertThat(platform.widemesh("status").ok().out()).containsPattern("postgres +down");
      assertThat(platform.data.resolve("postgres/data")).doesNotExist();

      platform.widemesh("down").ok();
      platform.up();
      assertThat(app.mesh("deployments", "ls").ok().out()).contains("v0");
    }
  }

  @Test
  void a_database_that_is_not_there_is_named_in_one_line_and_nothing_goes_on_running()
      throws IOException {
    var url =
        "postgresql://widemesh:secret-word@127.0.0.1:%d/widemesh"
            .formatted(TestPlatform.freePort());
    try (var platform = TestPlatform.stopped(Map.of(VARIABLE, url))) {
      var up = platform.tryUp();

      assertThat(up.exitCode()).isEqualTo(1);
      assertThat(up.err())
          .startsWith("widemesh: ")
          .contains("WIDEMESH_DATABASE_URL")
          .doesNotContain("secret-word")
          .doesNotContain("Exception");
      assertThat(platform.widemesh("status").out()).doesNotContain(" up ");
    }
  }
}
