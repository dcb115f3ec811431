package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What `mesh svc update` sets is what Docker is told, and how an instance lives and ends.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class ServiceUpdateTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String IGNORES_SIGTERM =
      "trap '' TERM; serve-site & while :; do sleep 1; done";

  /// Answers with its name; `/sick` and `/well` switch what its health path answers.
  private static final String SWITCHABLE =
      """
      const http = require('http')
      let health = 200
      http.createServer((request, response) => {
        if (request.url === '/sick') health = 500
        if (request.url === '/well') health = 200
        if (request.url === '/up') response.statusCode = health
        let body = ''
        request.on('data', part => { body += part })
        request.on('end', () => response.end(`${process.env.WIDEMESH_INSTANCE} ${body}`))
      }).listen(process.env.PORT, '0.0.0.0')
      """;

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
    assertThat(container("limits")).contains("\"NanoCpus\":1000000000,").contains("\"PORT=8080\"");

    app.mesh("svc", "update", "web", "--port", "9000", "--cpu", "0.25", "--memory", "256m").ok();
    app.mesh("svc", "update", "web", "--grace", "3s", "--command", IGNORES_SIGTERM).ok();

    assertThat(container("limits"))
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
    assertThat(container("limits")).contains("\"PORT=9000\"");
    assertThat(app.answer()).isEqualTo("site");
  }

  /// What Docker says of the only one, without white space.
  private String container(String stack) throws IOException {
    Await.until(
        "one is left", Duration.ofSeconds(60), () -> platform.containers(stack).size() == 1);
    return inspect(platform.containers(stack).getFirst());
  }

  private String inspect(String container) {
    var argv = List.of("docker", "inspect", container);
    return Shell.run(platform.folder, Map.of(), argv).ok().out().replaceAll("\\s+", "");
  }

  @Test
  @Tag("SVC-6")
  void a_worker_must_live_for_its_ready_after_or_its_deployment_fails() throws IOException {
    var app = App.create(platform, platform.environmentOf("patient"), "patient");
    app.write("index.html", "site").write("Procfile", "worker: sleep 3; exit 3\n").commit("one");
    app.push().ok();

    var refused = app.mesh("svc", "update", "worker", "--ready-after", "6s");

    assertThat(refused.exitCode()).as(refused.all()).isEqualTo(40);
    assertThat(refused.all()).contains("worker crashed with exit code 3");
    app.mesh("svc", "update", "worker", "--command", "exec sleep 1000").ok();
    var shown = app.mesh("deployments", "show", "v2", "--json").ok().out().replaceAll("\\s+", "");
    var preparing = Pattern.compile("\"name\":\"preparing\",\"millis\":(\\d+)").matcher(shown);
    assertThat(preparing.find()).as(shown).isTrue();
    assertThat(Long.parseLong(preparing.group(1))).isBetween(6_000L, 15_000L);
    assertThat(app.mesh("svc", "ls", "--json").ok().out())
        .containsPattern("\"readyAfterSeconds\"\\s*:\\s*6");
    var unfit = app.mesh("svc", "update", "worker", "--ready-after", "5s", "--port", "9000");
    assertThat(unfit.exitCode()).isEqualTo(20);
    assertThat(unfit.err()).contains("worker has a port", "--health-path");
  }

  @Test
  @Tag("nightly")
  @Tag("SVC-7")
  void one_that_turns_unhealthy_gets_no_request_until_it_is_healthy_again() throws IOException {
    var app = App.create(platform, platform.environmentOf("sick"), "sick");
    app.node("").write("server.js", SWITCHABLE).commit("one").push().ok();
    app.mesh("svc", "update", "web", "--instances", "2", "--health-path", "/up").ok();
    Await.until(
        "two are left", Duration.ofSeconds(60), () -> platform.containers("sick").size() == 2);
    Await.until("both answer", SOON, () -> answering(app).equals(Set.of("web.1", "web.2")));

    try (var load = new Load(app, 4, Duration.ofMillis(10))) {
      var sick = app.answer("/sick").strip();
      Await.until("it gets no request", SOON, () -> !answering(app).contains(sick));
      Await.until(
          "svc ls says so", SOON, () -> status(app).matches(".*" + sick + " .*unhealthy.*500.*"));
      assertThat(answering(app)).hasSize(1).doesNotContain(sick);

      for (var container : platform.containers("sick")) {
        ask(container, "/well");
      }
      Await.until("it gets requests again", SOON, () -> answering(app).contains(sick));
      Await.until("svc ls says so", SOON, () -> !status(app).contains("unhealthy"));
      assertThat(load.failures()).isEmpty();
      assertThat(load.answered()).isGreaterThan(200);
    }
  }

  /// The instances that answer 20 requests.
  private static Set<String> answering(App app) throws IOException {
    var names = new TreeSet<String>();
    for (var n = 0; n < 20; n++) {
      names.add(app.answer().strip());
    }
    return names;
  }

  private static String status(App app) {
    return app.mesh("svc", "ls").ok().out().lines().collect(Collectors.joining(" "));
  }

  /// Past the router.
  private void ask(String container, String path) {
    var address = Pattern.compile("\"IPAddress\":\"([0-9.]+)\"").matcher(inspect(container));
    assertThat(address.find()).isTrue();
    var url = "http://%s:8080%s".formatted(address.group(1), path);
    var argv = List.of("curl", "-sS", "--noproxy", "*", "--max-time", "10", url);
    Shell.run(platform.folder, Map.of(), argv).ok();
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
