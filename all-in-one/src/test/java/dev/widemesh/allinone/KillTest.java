package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `kill -9` of each process while requests go on. A platform of its own: the others would notice.
@DisplayNameGeneration(ReplaceUnderscores.class)
class KillTest {
  private static final Duration ALONE = Duration.ofSeconds(5);

  /// Between two requests of a client: others want the processors, too.
  private static final Duration PAUSE = Duration.ofMillis(10);

  private static TestPlatform platform;
  private static App shop;

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.start();
    shop = App.create(platform, platform.environmentOf("kill"), "shop");
    shop.node("none").commit("none").push().ok();
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"control", "rack-runner", "postgres"})
  @Tag("RTR-6")
  @Tag("DEP-13")
  void apps_go_on_answering_and_the_next_push_goes_live(String part) throws Exception {
    shop.node("one").commit("one").push().ok();
    var before = platform.pidOf(part);

    try (var load = new Load(shop, 8, PAUSE)) {
      platform.kill(part);
      Await.until(
          part + " is back",
          Duration.ofMinutes(1),
          () -> running(part) && platform.pidOf(part) != before);
      Await.until(
          "nothing disagrees",
          Duration.ofMinutes(1),
          () ->
              platform.mesh("doctor", "--invariants").exitCode() == 0
                  && platform.widemesh("status").exitCode() == 0);
      assertThat(load.failures()).isEmpty();
      assertThat(load.answered()).isGreaterThan(100);
    }
    shop.node("two").commit("two").push().ok();
    assertThat(shop.answer()).startsWith("two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"remote: -----> Node.js", "remote: -----> Starting"})
  @Tag("DEP-13")
  @Tag("nightly")
  void a_deployment_that_was_running_is_finished_or_undone(String line) throws Exception {
    var app = App.create(platform, platform.environmentOf("mid"), "shop");
    app.node("one").commit("one").push().ok();
    app.node("two").commit("two");

    try (var load = new Load(app, 4, PAUSE)) {
      var push =
          Shell.start(
              app.repository, platform.environment(), List.of("git", "push", "widemesh", "main"));
      try (var err =
          new BufferedReader(
              new InputStreamReader(push.getErrorStream(), StandardCharsets.UTF_8))) {
        for (var text = err.readLine(); text != null; text = err.readLine()) {
          if (text.startsWith(line)) {
            break;
          }
        }
        platform.kill("control");
        push.waitFor();
      }
      Await.until(
          "a final state",
          Duration.ofMinutes(2),
          () -> {
            var list = app.deployments();
            return list.contains("\"version\":1")
                && !list.matches(".*\"state\":\"(queued|building|releasing|preparing)\".*");
          });
      var live = app.deployments().contains("\"version\":1,\"state\":\"live\"");
      Await.until(
          "traffic and ref agree with the deployment",
          Duration.ofSeconds(30),
          () ->
              app.answer().startsWith(live ? "two" : "one")
                  && app.remoteHead().equals(app.head()) == live);
      assertThat(load.failures()).isEmpty();
    }
    app.node("three").commit("three").push().ok();
    assertThat(app.answer()).startsWith("three");
  }

  @Test
  @Tag("DEP-13")
  void the_supervisor_alone_and_the_next_up_adopts_what_runs() throws Exception {
    shop.node("one").commit("one").push().ok();
    var before = parts();

    try (var load = new Load(shop, 8, PAUSE)) {
      var supervisor = ProcessHandle.of(platform.pidOf("supervisor")).orElseThrow();
      supervisor.destroyForcibly();
      supervisor.onExit().get(10, TimeUnit.SECONDS);

      platform.up();

      assertThat(parts()).isEqualTo(before);
      assertThat(platform.pidOf("supervisor")).isNotEqualTo(supervisor.pid());
      shop.node("two").commit("two").push().ok();
      assertThat(load.failures()).isEmpty();
      assertThat(load.answered()).isGreaterThan(100);
    }
    assertThat(shop.answer()).startsWith("two");
    // What it adopted is its own: one that ends is started again.
    platform.kill("rack-runner");
    Await.until(
        "rack-runner is back",
        Duration.ofMinutes(1),
        () -> running("rack-runner") && !parts().equals(before));
    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }

  /// Their process ids.
  private static Map<String, Long> parts() throws IOException {
    var pids = new TreeMap<String, Long>();
    for (var part : List.of("postgres", "control", "rack-runner", "router")) {
      pids.put(part, platform.pidOf(part));
    }
    return pids;
  }

  @Test
  @Tag("DEP-13")
  void all_processes_at_once_in_the_middle_of_a_push() throws Exception {
    var app = App.create(platform, platform.environmentOf("all"), "shop");
    app.node("one").commit("one").push().ok();
    app.node("two").commit("two");
    var push = Shell.inBackground(app::push);
    Await.until(
        "it is on its way",
        Duration.ofSeconds(30),
        () -> app.deployments().contains("\"version\":1"));
    for (var part : List.of("supervisor", "control", "postgres", "rack-runner", "router")) {
      var process = ProcessHandle.of(platform.pidOf(part)).orElseThrow();
      process.destroyForcibly();
      process.onExit().get(10, TimeUnit.SECONDS);
    }
    push.join();

    platform.up();

    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
    assertThat(app.answer()).containsAnyOf("one", "two");
    app.node("three").commit("three").push().ok();
    assertThat(app.answer()).startsWith("three");
  }

  @Test
  @Tag("RTR-6")
  @Tag("nightly")
  @Tag("alone")
  void the_router_answers_again_from_its_snapshot_with_everything_else_dead() throws Exception {
    var app = App.create(platform, platform.environmentOf("snap"), "shop");
    app.node("one").commit("one").push().ok();
    var supervisor = ProcessHandle.of(platform.pidOf("supervisor")).orElseThrow();
    supervisor.destroyForcibly();
    supervisor.onExit().get();
    platform.kill("control");
    platform.kill("rack-runner");

    var killed = ProcessHandle.of(platform.pidOf("router")).orElseThrow();
    platform.kill("router");
    killed.onExit().get(10, TimeUnit.SECONDS);
    var start = System.nanoTime();
    var router =
        Shell.start(
            platform.folder,
            platform.environment(),
            JavaProcess.part("router", new DataFolder(platform.data), List.of()));
    try {
      Await.until("it answers", Duration.ofSeconds(30), () -> app.answer().startsWith("one"));
      var took = Duration.ofNanos(System.nanoTime() - start);
      System.out.printf("a router alone answers after %d ms%n", took.toMillis());
      assertThat(took).isLessThan(ALONE);
    } finally {
      router.destroy();
      router.waitFor();
      platform.up();
    }
    app.node("two").commit("two").push().ok();
    assertThat(app.answer()).startsWith("two");
  }

  private static boolean running(String part) throws IOException {
    return PidFile.of(part, new DataFolder(platform.data)).process().isPresent();
  }
}
