package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What `mesh svc update` sets is what Docker is told, and how an instance lives and ends.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class ServiceUpdateTest {
  private static final String IGNORES_SIGTERM =
      "trap '' TERM; serve-site & while :; do sleep 1; done";

  private final TestPlatform platform;

  ServiceUpdateTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("SVC-6")
  void port_cpu_memory_and_grace_reach_the_instance() throws IOException {
    var app = App.create(platform, platform.environmentOf("update"), "limits");
    app.write("index.html", "site")
        .write("Procfile", "web: serve-site\n")
        .commit("one")
        .push()
        .ok();
    assertThat(container()).contains("\"NanoCpus\":1000000000,").contains("\"PORT=8080\"");

    app.mesh("svc", "update", "web", "--port", "9000", "--cpu", "0.25", "--memory", "256m").ok();
    app.mesh("svc", "update", "web", "--grace", "3s", "--command", IGNORES_SIGTERM).ok();

    assertThat(container())
        .contains("\"NanoCpus\":250000000,")
        .contains("\"Memory\":256000000,")
        .contains("\"PORT=9000\"");
    assertThat(app.answer()).isEqualTo("site");

    app.mesh("svc", "update", "web", "--command", "").ok();

    Await.until(
        "it is killed",
        Duration.ofSeconds(30),
        () -> logs(app).contains("did not stop in time: killed (SIGKILL)"));
    var grace =
        Duration.between(
            when(app, "was told to stop (SIGTERM)"), when(app, "did not stop in time"));
    assertThat(grace).isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(8));
    assertThat(container()).contains("\"PORT=9000\"");
    assertThat(app.answer()).isEqualTo("site");
  }

  /// What Docker says of the only one, without white space.
  private String container() throws IOException {
    Await.until(
        "one is left", Duration.ofSeconds(60), () -> platform.containers("limits").size() == 1);
    var argv = List.of("docker", "inspect", platform.containers("limits").getFirst());
    return Shell.run(platform.folder, Map.of(), argv).ok().out().replaceAll("\\s+", "");
  }

  private static String logs(App app) {
    return app.mesh("logs", "--since", "10m", "--no-follow", "--json").ok().out();
  }

  // The last one that was told so: those before it ended at once.
  private static Instant when(App app, String words) {
    var line = logs(app).lines().filter(text -> text.contains(words)).toList().getLast();
    var at = Pattern.compile("\"at\"\\s*:\\s*\"([^\"]+)\"").matcher(line);
    assertThat(at.find()).as(line).isTrue();
    return Instant.parse(at.group(1));
  }
}
