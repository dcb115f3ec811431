package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// New instances that do not come, under load: why is said in time, the old ones lose no request,
/// and the next push goes live. A platform of its own, which waits 20 s for them.
@DisplayNameGeneration(ReplaceUnderscores.class)
class StuckRolloutTest {
  private static final Duration READY_WITHIN = Duration.ofSeconds(20);
  private static final Duration IN_TIME = READY_WITHIN.plusSeconds(15);

  private static TestPlatform platform;

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.startWith(Map.of("WIDEMESH_READY_WITHIN", "20s"));
  }

  @AfterAll
  static void stop() throws IOException {
    try {
      // What could not be read while the registry was away is read a minute later.
      Await.until(
          "nothing is wrong",
          Duration.ofSeconds(90),
          () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
    } finally {
      platform.close();
    }
  }

  @Test
  @Tag("DEP-12")
  void an_image_that_the_registry_lost_is_named_at_once_and_built_again() throws Exception {
    var app = serving("lost");
    var before = manifests();

    fails(
        app,
        () -> built(app, () -> delete(manifestsSince(before))),
        "web cannot be started: cannot pull ",
        "manifest unknown");

    app.push().ok();
    assertThat(app.answer()).startsWith("new");
    // That what is live can no longer be pulled is seen before it is taken for the next one.
    delete(manifestsSince(before));
    assertThat(app.commit("the same").push().ok().err()).doesNotContain("nothing built");
    app.mesh("env", "delete", app.environment, "--yes").ok(); // One of its images stays lost.
  }

  @Test
  @Tag("DEP-12")
  @Tag("nightly")
  void a_registry_that_is_away_is_asked_again_and_named_at_the_end() throws Exception {
    var app = serving("away");
    var registry = Platform.read(new DataFolder(platform.data)).registry();
    try (var cuts = new Parts()) {
      fails(
          app,
          () -> built(app, () -> cuts.add(Cut.refusing(registry))),
          "web cannot be started: cannot pull ",
          "connection refused");
    }
    nextGoesLive(app);
  }

  @Test
  @Tag("DEP-12")
  @Tag("nightly")
  void a_registry_that_does_not_let_the_rack_in_is_named_at_once() throws Exception {
    var app = serving("password");
    var password = new DataFolder(platform.data).secrets().resolve("registry-pull");
    var right = Files.readString(password);
    AtomicFile.write(password, "wm_wrong");
    try {
      platform.widemesh("restart", "rack-runner").ok();
      fails(app, app::push, "web cannot be started: cannot pull ", "unauthorized");
    } finally {
      AtomicFile.write(password, right);
      platform.widemesh("restart", "rack-runner").ok();
    }
    nextGoesLive(app);
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-9")
  @Tag("DEP-10")
  void instances_that_never_get_ready_are_given_up_in_time() throws Exception {
    var app = serving("never");
    app.write("Procfile", "web: exec sleep 600\n");

    fails(app, app::push, "web runs but listens on no port after 2");

    app.write("Procfile", "web: node server.js\n");
    nextGoesLive(app);
  }

  private static App serving(String name) throws IOException {
    var app = App.create(platform, platform.environmentOf(name), name);
    app.node("old").commit("old").push().ok();
    return app;
  }

  /// Pushes under load; it ends in time with these words, and everything is as it was.
  private static void fails(App app, Callable<Shell.Result> push, String... words)
      throws Exception {
    var running = Set.copyOf(platform.containers(app.stack));
    app.node("new").commit("new");
    Shell.Result pushed;
    try (var load = new Load(app, 8, Duration.ofMillis(10))) {
      Await.until("traffic", Duration.ofSeconds(10), () -> load.answered() > 100);
      pushed = push.call();
      var took = preparing(app);
      System.out.printf("%s: given up after %d ms%n", app.environment, took.toMillis());
      assertThat(took).as(pushed.all()).isLessThan(IN_TIME);
      assertThat(load.failures()).isEmpty();
    }
    assertThat(pushed.exitCode()).as(pushed.all()).isEqualTo(1);
    assertThat(pushed.err()).contains(words).contains(" !     Try: ").contains("[remote rejected]");
    assertThat(app.answer()).startsWith("old");
    Await.until(
        "only the old ones are left",
        Duration.ofSeconds(30),
        () -> Set.copyOf(platform.containers(app.stack)).equals(running));
  }

  /// How long the newest deployment waited for its instances: what was pushed is received and built
  /// before.
  private static Duration preparing(App app) throws IOException {
    var path = Route.LIST_DEPLOYMENTS.with(app.environment, app.stack);
    return Stream.of(platform.api().get(path, DeploymentView[].class))
        .max(Comparator.comparingInt(DeploymentView::version))
        .stream()
        .flatMap(newest -> newest.phases().stream())
        .filter(phase -> phase.name().equals("preparing"))
        .map(phase -> Duration.ofMillis(phase.millis()))
        .findFirst()
        .orElseThrow();
  }

  /// A push during which something happens between the build and the first instance: the rack
  /// stands still until then.
  private static Shell.Result built(App app, Happening meanwhile) throws Exception {
    CompletableFuture<Shell.Result> push;
    platform.signal("STOP", "rack-runner");
    try {
      push = Shell.inBackground(app::push);
      Await.until(
          "it is built",
          Duration.ofMinutes(1),
          () -> app.deployments().contains("\"version\":1,\"state\":\"preparing\""));
      meanwhile.happens();
    } finally {
      platform.signal("CONT", "rack-runner");
    }
    return push.join();
  }

  private interface Happening {
    void happens() throws IOException;
  }

  private static void nextGoesLive(App app) throws IOException {
    app.node("next").commit("next").push().ok();
    assertThat(app.answer()).startsWith("next");
  }

  private static Set<Path> manifestsSince(Set<Path> before) throws IOException {
    var fresh = new HashSet<>(manifests());
    fresh.removeAll(before);
    return fresh;
  }

  private static void delete(Set<Path> files) throws IOException {
    assertThat(files).isNotEmpty();
    for (var file : files) {
      Files.delete(file);
    }
  }

  /// The files by which the registry knows images of apps.
  private static Set<Path> manifests() throws IOException {
    try (var files = Files.walk(platform.data.resolve("control/registry/repositories/apps"))) {
      return files
          .filter(file -> file.toString().contains("/_manifests/"))
          .collect(Collectors.toSet());
    }
  }
}
