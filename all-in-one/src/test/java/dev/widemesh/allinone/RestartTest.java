package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Processes are replaced while requests go on: of the platform of those that run alone.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("alone")
@ExtendWith(SharedPlatform.class)
class RestartTest {
  private static final int TIMES = 2;
  private static final int PUSHES = 20;
  private static final Duration DRAINED = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private static TestPlatform platform;

  @BeforeAll
  static void start(TestPlatform shared) {
    platform = shared;
  }

  @Test
  @Tag("RTR-7")
  void a_router_that_is_told_to_end_hands_over_and_no_post_is_lost() throws Exception {
    var app = App.create(platform, platform.environmentOf("hand"), "shop");
    app.node("one").commit("one").push().ok();

    try (var steady = new Load(app, 20, PAUSE);
        var fleeting = new Load(app, 6, PAUSE, false)) {
      var routers = new ArrayList<>(List.of(platform.pidOf("router")));
      for (var i = 0; i < TIMES; i++) {
        var old = ProcessHandle.of(routers.getLast()).orElseThrow();
        Shell.run(platform.folder, platform.environment(), List.of("kill", "-TERM", "" + old.pid()))
            .ok();
        Await.until(
            "another router serves and the old one ended",
            Duration.ofSeconds(60),
            () -> platform.pidOf("router") != old.pid() && !old.isAlive());
        routers.add(platform.pidOf("router"));
        goesOn(steady, fleeting);
      }
      assertThat(routers).doesNotHaveDuplicates();
    }
    app.node("two").commit("two").push().ok();
    assertThat(app.answer()).startsWith("two");
  }

  @Test
  @Tag("nightly")
  @Tag("RTR-6")
  void everything_can_be_restarted_under_load() throws Exception {
    var app = App.create(platform, platform.environmentOf("again"), "again");
    app.node("one").commit("one").push().ok();
    var argv = List.of("docker", "kill", platform.containers("again").getFirst());
    Shell.run(platform.folder, platform.environment(), argv).ok();
    awaitKnown(app);

    try (var steady = new Load(app, 20, PAUSE);
        var fleeting = new Load(app, 6, PAUSE, false)) {
      var restart = platform.widemesh("restart").ok();

      assertThat(restart.out()).contains("router", "rack-runner", "control", "restarted");
      goesOn(steady, fleeting);
    }
    awaitKnown(app);
    assertThat(platform.widemesh("restart", "rooter").err())
        .contains("there is no part 'rooter'")
        .contains("rack-runner");
    app.node("two").commit("two").push().ok();
    assertThat(app.answer()).startsWith("two");
  }

  @Test
  @Tag("DEP-13")
  @Tag("nightly")
  void pushes_outlive_a_restart_of_control_or_succeed_when_repeated() throws Exception {
    var apps = new ArrayList<App>();
    for (var i = 0; i < PUSHES; i++) {
      var app = App.create(platform, platform.environmentOf("many"), "shop");
      apps.add(app.node("n" + i + "-").commit("n" + i));
    }
    var before = platform.pidOf("control");
    // Some are under way when it ends, the others begin while there is none.
    var pushes = new ArrayList<>(pushed(apps.subList(0, PUSHES / 2)));
    Await.until("one of them builds", Duration.ofSeconds(30), RestartTest::somethingBuilds);
    var restart = Shell.inBackground(() -> platform.widemesh("restart", "control"));
    Await.until(
        "control has ended",
        DRAINED,
        () -> !ProcessHandle.of(before).map(ProcessHandle::isAlive).orElse(false));
    pushes.addAll(pushed(apps.subList(PUSHES / 2, PUSHES)));
    restart.join().ok();

    var broken = 0;
    for (var i = 0; i < PUSHES; i++) {
      var app = apps.get(i);
      var push = pushes.get(i).join();
      if (push.exitCode() != 0) {
        broken++;
        assertThat(push.err()).as("it says so").isNotBlank();
        app.push().ok();
      }
      assertThat(app.answer()).startsWith("n" + i + "-");
      assertThat(app.remoteHead()).isEqualTo(app.head());
    }
    System.out.printf("%d of %d pushes had to be repeated%n", broken, PUSHES);
    assertThat(broken).as("the restart came in between").isPositive();
    assertThat(platform.pidOf("control")).isNotEqualTo(before);
    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }

  /// Asked of the rows: a build may be over before a `mesh` has started.
  private static boolean somethingBuilds() throws Exception {
    try (var rows = platform.database();
        var asking = rows.createStatement();
        var found = asking.executeQuery("SELECT 1 FROM deployment WHERE state = 'building'")) {
      return found.next();
    }
  }

  private static void awaitKnown(App app) {
    Await.until(
        "it runs, and how it ended before is known",
        Duration.ofSeconds(60),
        () -> {
          var services = app.mesh("svc", "ls", "--json").out().replaceAll("\\s+", "");
          return services.contains("\"status\":\"ready\"") && services.contains("\"exitCode\":137");
        });
  }

  private static List<CompletableFuture<Shell.Result>> pushed(List<App> apps) {
    return apps.stream().map(app -> Shell.inBackground(app::push)).toList();
  }

  private static void goesOn(Load... loads) throws Exception {
    for (var load : loads) {
      var after = load.answered() + 200;
      Await.until("traffic", Duration.ofSeconds(30), () -> load.answered() > after);
      assertThat(load.failures()).isEmpty();
    }
  }
}
