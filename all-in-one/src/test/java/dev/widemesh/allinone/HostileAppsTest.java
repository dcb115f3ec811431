package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Apps that went live and then turn on their server, all at once, beside two that only want to
/// work. A platform of its own, on which an instance may write 300 MB.
@DisplayNameGeneration(ReplaceUnderscores.class)
class HostileAppsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  /// Beside a fork bomb and all the others, who want the processors a hundred times.
  private static final Duration TOLD = Duration.ofSeconds(10);

  private static final String ENDED = "{{.State.FinishedAt}}";
  private static final Duration BACK = Duration.ofSeconds(15);

  /// Takes all memory when it is told to, in one process.
  private static final String GREEDY =
      """
      require('http').createServer((request, response) => {
        const all = []
        while (request.url === '/grow') all.push(Buffer.alloc(5e6, 1))
        response.end('fed')
      }).listen(process.env.PORT, '0.0.0.0')
      """;

  private static final Map<Seed, App> APPS = new ConcurrentHashMap<>();
  private static TestPlatform platform;
  private static App neighbour;
  private static App quiet;
  private static App greedy;
  private static Load load;

  /// What `web` runs. Each serves until all are live and it is its turn, which comes once.
  enum Seed {
    FORKS("serve-site & TURN; f() { f | f & }; f; wait"),
    CRASHES("serve-site & TURN; exit 5"),
    GROWS("serve-site & TURN; exec tail /dev/zero"),
    HAS_A_GROWING_CHILD("(TURN; tail /dev/zero) & exec serve-site"),
    FLOODS("(TURN; exec yes all work and no play makes a dull log) & exec serve-site"),
    FILLS_THE_DISK("(TURN; head -c 500M /dev/zero >big) & exec serve-site"),
    IGNORES_SIGTERM("trap '' TERM; serve-site & while :; do sleep 1; done");

    private static final String TURN = "/tmp/turn";

    private final String command;

    Seed(String command) {
      this.command = command;
    }

    String command() {
      return command.replace("TURN", "until rm %s 2>/dev/null; do sleep 0.2; done".formatted(TURN));
    }

    boolean hasTurn() {
      return command.contains("TURN");
    }
  }

  @BeforeAll
  static void start() throws IOException {
    platform =
        TestPlatform.startOn(
            Path.of(System.getProperty("java.io.tmpdir")),
            Map.of("WIDEMESH_INSTANCE_DISK", "300m"));
    var pushes = new EnumMap<Seed, CompletableFuture<App>>(Seed.class);
    for (var seed : Seed.values()) {
      pushes.put(seed, Shell.inBackground(() -> push(seed)));
    }
    neighbour = App.create(platform, platform.environmentOf("neighbour"), "shop");
    neighbour.node("works").commit("one").push().ok();
    greedy = App.create(platform, platform.environmentOf("greedy"), "greedy");
    greedy.node("fed").write("server.js", GREEDY).commit("one").push().ok();
    quiet = App.create(platform, platform.environmentOf("quiet"), "quiet");
    quiet.write("index.html", "quiet").commit("one").push().ok();
    pushes.forEach((seed, push) -> APPS.put(seed, push.join()));
    load = new Load(neighbour, 1, Duration.ofMillis(5));
    for (var seed : Seed.values()) {
      if (seed.hasTurn()) {
        var container = platform.containers(app(seed).stack).getFirst();
        Shell.printed("docker", "exec", container, "touch", Seed.TURN);
      }
    }
  }

  private static App push(Seed seed) {
    try {
      var name = seed.name().toLowerCase(Locale.ROOT).replace('_', '-');
      var environment = platform.environmentOf(name.substring(0, Math.min(18, name.length())));
      var app = App.create(platform, environment, name);
      app.write("index.html", "site").write("Procfile", "web: " + seed.command() + "\n");
      app.commit("one").push().ok();
      if (seed == Seed.IGNORES_SIGTERM) {
        app.write("Procfile", "web: serve-site\n").commit("polite").push().ok();
      }
      return app;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// After everything: whoever did nothing noticed nothing.
  @AfterAll
  static void stop() throws IOException {
    load.close();
    try {
      assertThat(load.failures()).isEmpty();
      assertThat(load.answered()).isGreaterThan(500);
      assertThat(platform.mesh("status").exitCode()).isZero();
    } finally {
      platform.close();
    }
  }

  private static App app(Seed seed) {
    return APPS.computeIfAbsent(seed, HostileAppsTest::push);
  }

  private static String services(Seed seed) {
    return app(seed).mesh("svc", "ls", "--json").ok().out();
  }

  private static String logs(App app) {
    return app.mesh("logs", "--since", "10m", "--no-follow").ok().out();
  }

  private static void isSaid(Seed seed, String words) {
    Await.until("svc ls says " + words, SOON, () -> services(seed).contains(words));
  }

  private static void isLogged(Seed seed, String words) {
    Await.until("the log says " + words, SOON, () -> logs(app(seed)).contains(words));
  }

  @Test
  @Tag("SVC-4")
  void a_fork_bomb_meets_its_limit_and_the_log_says_so() {
    isLogged(Seed.FORKS, "too many processes: ");
  }

  @Test
  @Tag("SVC-4")
  @Tag("SVC-5")
  void a_crash_is_told_with_its_code_and_counted() throws IOException {
    isSaid(Seed.CRASHES, "exited with code 5");
    isLogged(Seed.CRASHES, "crashed: exited with code 5");
    Await.until(
        "it is counted",
        SOON,
        () -> services(Seed.CRASHES).matches("(?s).*\"restarts\"\\s*:\\s*[1-9].*"));
  }

  @Test
  @Tag("SVC-4")
  void running_out_of_memory_is_told_and_remembered_after_the_restart() {
    isSaid(Seed.GROWS, "out of memory (limit 512 MB)");
    isLogged(Seed.GROWS, "crashed: out of memory (limit 512 MB)");
    isSaid(Seed.GROWS, "started again: out of memory (limit 512 MB)");
  }

  @Test
  @Tag("SVC-4")
  @Tag("SVC-5")
  void what_runs_out_of_memory_is_told_soon_and_serves_again_in_15_s() throws IOException {
    var container = platform.containers(greedy.stack).getFirst();
    var asked = Shell.inBackground(HostileAppsTest::grow);

    Await.until("it is told", SOON, () -> logs(greedy).contains("crashed: out of memory"));
    var told = Instant.now();
    Await.until("it serves again", SOON, () -> greedy.answer().equals("fed"));
    var back = Instant.now();

    assertThat(asked.join()).doesNotContain("fed");
    var ended = Instant.parse(Shell.printed("docker", "inspect", "-f", ENDED, container));
    System.out.printf(
        "out of memory: told after %d ms, back after %d ms%n",
        Duration.between(ended, told).toMillis(), Duration.between(ended, back).toMillis());
    assertThat(Duration.between(ended, told)).isLessThan(TOLD);
    assertThat(Duration.between(ended, back)).isLessThan(BACK);
  }

  private static String grow() {
    try {
      return greedy.answer("/grow");
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Three times: the longer the pause before it is started again, the longer it is seen.
  @Test
  @Tag("SVC-4")
  @Tag("SVC-5")
  void a_crash_is_told_soon() throws IOException {
    for (var crash = 1; crash <= 3; crash++) {
      var restarts = crash;
      Shell.printed("docker", "kill", platform.containers(quiet.stack).getFirst());
      var killed = System.nanoTime();
      Await.until("it is told", SOON, () -> hasCrashed(quietOne(), restarts));
      var took = Duration.ofNanos(System.nanoTime() - killed);
      System.out.printf("crash %d: %s after %d ms%n", crash, quietOne(), took.toMillis());
      assertThat(took).isLessThan(TOLD);
      Await.until("it serves again", SOON, () -> quiet.answer().equals("quiet"));
    }
  }

  private static boolean hasCrashed(Views.Instance one, int times) {
    return times == 3 ? one.status().equals("crashed") : one.restarts() == times;
  }

  private static Views.Instance quietOne() throws IOException {
    var path = Route.LIST_SERVICES.with(quiet.environment);
    var services = platform.api().get(path, Views.Service[].class);
    return services[0].instances().getFirst();
  }

  @Test
  @Tag("SVC-4")
  void a_child_that_runs_out_of_memory_is_told_though_the_app_goes_on() throws IOException {
    isLogged(Seed.HAS_A_GROWING_CHILD, "out of memory: the kernel killed 1 of its programs");

    assertThat(app(Seed.HAS_A_GROWING_CHILD).answer()).isEqualTo("site");
    assertThat(services(Seed.HAS_A_GROWING_CHILD)).containsPattern("\"restarts\"\\s*:\\s*0");
  }

  @Test
  @Tag("LOG-3")
  void a_flood_of_lines_is_cut_and_the_logs_of_others_are_not_behind() throws IOException {
    isLogged(Seed.FLOODS, "lines dropped: more than 5,000 lines or 2 MB a second");

    var marker = "/marker-" + System.nanoTime();
    quiet.answer(marker);
    Await.until("the quiet one's line", TOLD, () -> logs(quiet).contains(marker));
    assertThat(app(Seed.FLOODS).answer()).isEqualTo("site");
  }

  @Test
  @Tag("SVC-4")
  void what_fills_the_disk_is_replaced_by_a_clean_one() throws IOException {
    isLogged(Seed.FILLS_THE_DISK, "crashed: disk full (limit 300 MB)");
    isSaid(Seed.FILLS_THE_DISK, "started again: disk full (limit 300 MB)");
    // It was killed, and the clean one tells so although it is another container.
    assertThat(services(Seed.FILLS_THE_DISK)).containsPattern("\"exitCode\"\\s*:\\s*137");
    Await.until("it serves", SOON, () -> app(Seed.FILLS_THE_DISK).answer().equals("site"));
  }

  @Test
  @Tag("DEP-9")
  void what_ignores_sigterm_is_killed_after_its_grace_of_30_s() throws IOException {
    var killed = "did not stop in time: killed (SIGKILL)";
    isLogged(Seed.IGNORES_SIGTERM, killed);

    var app = app(Seed.IGNORES_SIGTERM);
    var grace =
        Duration.between(
            when(app, "was told to stop (SIGTERM)"), when(app, "did not stop in time"));
    assertThat(grace).isBetween(Duration.ofSeconds(29), Duration.ofSeconds(33));
    Await.until("one is left", SOON, () -> platform.containers(app.stack).size() == 1);
    assertThat(app.answer()).isEqualTo("site");
  }

  private static Instant when(App app, String words) {
    var lines = app.mesh("logs", "--since", "10m", "--no-follow", "--json").ok().out();
    var line = lines.lines().filter(text -> text.contains(words)).findFirst().orElseThrow();
    var at = Pattern.compile("\"at\"\\s*:\\s*\"([^\"]+)\"").matcher(line);
    assertThat(at.find()).as(line).isTrue();
    return Instant.parse(at.group(1));
  }
}
