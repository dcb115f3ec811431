package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pushes of Dockerfiles that BuildKit builds, through the whole platform.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@Tag("nightly") // the first on a machine compiles BuildKit
class BuildKitPushTest {
  private static final String MOUNTS =
      """
      FROM widemesh/build:13
      USER root
      RUN --mount=type=secret,id=TOKEN <<EOF
      mkdir /site
      sha256sum </run/secrets/TOKEN | cut -c1-12 >/site/index.html
      EOF
      WORKDIR /site
      USER 1000
      CMD ["sh", "-c", "exec python3 -m http.server $PORT"]
      """;
  private static final String SLEEPS =
      """
      FROM widemesh/build:13
      RUN <<EOF
      echo it sleeps
      sleep 600
      EOF
      CMD ["true"]
      """;

  private final TestPlatform platform;

  BuildKitPushTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("BLD-5")
  @Tag("STK-4")
  void a_step_reads_the_secret_that_it_mounts_and_nobody_sees_it() throws IOException {
    var app = App.create(platform, platform.environmentOf("mounts"), "site");
    app.mesh("config", "set", "--secret", "TOKEN=hemmelig").ok();

    var push = app.write("Dockerfile", MOUNTS).commit("mounts").push().ok();

    assertThat(app.answer()).startsWith("804e445bb10e");
    assertThat(push.all() + app.mesh("deployments", "logs", "v0").all())
        .contains("RUN --mount=type=secret")
        .doesNotContain("hemmelig");
  }

  @Test
  @Tag("DEP-13")
  void a_builder_that_is_killed_leaves_no_daemon() throws Exception {
    var app = App.create(platform, platform.environmentOf("killed"), "site");
    app.write("Dockerfile", SLEEPS).commit("sleeps");
    var push = Shell.inBackground(app::push);
    Await.until("BuildKit runs", Duration.ofMinutes(15), () -> !daemons().isEmpty());
    var before = daemons();

    platform.kill("control");

    Await.until(
        "the next one takes its place",
        Duration.ofMinutes(2),
        () -> !daemons().isEmpty() && before.lines().noneMatch(daemons()::contains));
    app.mesh("deployments", "cancel", "v0").ok();
    push.join();
    Await.until("nothing is left", Duration.ofMinutes(1), () -> daemons().isEmpty());
    Await.until(
        "the doctor finds nothing",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }

  private String daemons() throws IOException {
    var id = Platform.read(new DataFolder(platform.data)).id();
    var marked = "{{.ID}} {{.Label \"dev.widemesh.dockerfile\"}}";
    var all =
        Shell.run(platform.folder, Map.of(), List.of("docker", "ps", "-a", "--format", marked));
    return String.join(
        "\n",
        all.ok()
            .out()
            .lines()
            .filter(line -> line.contains(" " + id + "/"))
            .map(line -> line.replaceFirst(" .*", ""))
            .toList());
  }
}
