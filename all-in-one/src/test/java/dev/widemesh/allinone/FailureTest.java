package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever goes wrong: git says so, the cause is named, the ref stays, and the old version serves.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class FailureTest {
  private final TestPlatform platform;

  FailureTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("BLD-4")
  void a_procfile_that_does_not_parse() throws IOException {
    var app = serving("pf");
    app.write("Procfile", "web: serve-site\nthis is no process type\n").commit("procfile");

    fails(app, "Procfile line 2");
  }

  @Test
  @Tag("DEP-12")
  void a_registry_that_does_not_answer() throws IOException {
    var app = serving("reg");
    app.write(".npmrc", "registry=http://192.0.2.1:9/\nfetch-retries=0\nfetch-timeout=2000\n")
        .write("package.json", "{\"name\":\"app\",\"dependencies\":{\"ms\":\"2.1.3\"}}\n")
        .write("Procfile", "web: node server.js\n")
        .commit("registry");

    fails(app, "192.0.2.1");
  }

  @Test
  @Tag("DEP-10")
  void a_worker_that_crashes_takes_a_web_that_is_ready_back_with_it() throws IOException {
    var app = App.create(platform, platform.environmentOf("both"), "both");
    app.site("old").write("Procfile", "web: serve-site\nworker: sleep infinity\n");
    app.commit("old").push().ok();
    var before = Set.copyOf(platform.containers("both"));
    assertThat(before).hasSize(2);
    app.site("new").write("Procfile", "web: serve-site\nworker: exit 3\n").commit("new");

    var push = app.push();

    assertThat(push.exitCode()).as(push.all()).isEqualTo(1);
    assertThat(push.err())
        .contains("web.1 ready in")
        .contains("worker crashed with exit code 3")
        .contains("[remote rejected] main -> main");
    assertThat(app.answer()).startsWith("old");
    Await.until(
        "only the old ones are left",
        Duration.ofSeconds(60),
        () -> Set.copyOf(platform.containers("both")).equals(before));
    var services = app.mesh("svc", "ls", "--json").ok().out().replaceAll("\\s+", "");
    assertThat(services.split("\"status\":\"ready\"", -1)).as(services).hasSize(3);
    assertThat(services).contains("\"deployment\":\"v0\"").doesNotContain("\"v1\"");
    assertThat(app.answer()).startsWith("old");
  }

  private App serving(String name) throws IOException {
    var app = App.create(platform, platform.environmentOf(name), "shop");
    app.site("old").commit("old").push().ok();
    assertThat(app.answer()).startsWith("old");
    return app;
  }

  private static void fails(App app, String... words) throws IOException {
    var before = app.remoteHead();

    var push = app.push();

    assertThat(push.exitCode()).as(push.all()).isEqualTo(1);
    assertThat(push.err()).contains("[remote rejected] main -> main").contains(words);
    assertThat(push.err()).contains("Try: ");
    assertThat(app.remoteHead()).isEqualTo(before).isNotEqualTo(app.head());
    assertThat(app.answer()).startsWith("old");
    assertThat(app.mesh("deployments", "show", "v1").all()).contains("failed").contains(words[0]);
    for (var file : List.of(".npmrc", "package.json")) {
      Files.deleteIfExists(app.repository.resolve(file));
    }
    app.site("new").commit("mended").push().ok();
    assertThat(app.answer()).startsWith("new");
  }
}
