package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The first twelve causes of a failed push, each with an app that has it. All are pushed at once;
/// the last one, a full disk, alone. A platform of its own: one whose disk is small, and that waits
/// for 40 s where it usually waits for two minutes.
@DisplayNameGeneration(ReplaceUnderscores.class)
class TwelveCausesTest {
  private static final String MUST = ", must listen on 0.0.0.0:$PORT (8080)";
  private static final List<Outcome> OUTCOMES = new ArrayList<>();
  private static SmallDisk disk;
  private static TestPlatform platform;
  private static App onAFullDisk;

  /// `procfile` breaks a static site that served well. `cause` is what the push must name,
  /// `evidence` what it must show, `nextStep` what it must propose.
  enum Seed {
    WRONG_PORT(
        "web: PORT=3000 serve-site",
        "web listens on 0.0.0.0:3000" + MUST,
        "",
        "listen on the port in the environment variable PORT"),
    LOOPBACK(
        "web: sed -i 's/listen @PORT@/listen 127.0.0.1:@PORT@/' /layers/*/server/nginx.conf;"
            + " echo only for me; exec serve-site",
        "web listens on 127.0.0.1:8080" + MUST,
        "only for me",
        "bind to 0.0.0.0 instead of localhost or 127.0.0.1"),
    NEVER_LISTENS(
        "web: echo thinking; exec sleep 600",
        "web runs but listens on no port after 4",
        "thinking",
        "listen on $PORT, or, where it takes no traffic, name the process 'worker'"),
    CRASHES_AT_START(
        "web: echo no database; exit 3",
        "web crashed with exit code 3 ",
        "no database",
        "read the last lines above and mend the cause"),
    CRASHES_AFTER_3_S(
        "web: echo connecting; sleep 3.4; echo database went away; exit 3",
        "web crashed with exit code 3 after ",
        "database went away",
        "read the last lines above and mend the cause"),
    OUT_OF_MEMORY(
        "web: echo collecting; tail /dev/zero",
        "web ran out of memory (limit 512 MB)",
        "collecting",
        "use less memory, or give it more: mesh svc update web --memory 1024m"),
    MISSING_COMMAND(
        "web: nodee server.js",
        "web cannot start: command not found: nodee",
        "nodee: not found",
        "correct the command in the Procfile, or add the program to the dependencies"),
    EXEC_FORMAT(
        "web: ./other-cpu",
        "web cannot start: not executable here: ./other-cpu",
        "Exec format error",
        "or build it for this CPU"),
    RELEASE_FAILS(
        "web: serve-site\nrelease: echo migrating; exit 7",
        "the release command failed with exit code 7: echo migrating; exit 7",
        "migrating",
        "mend the release command; the previous deployment keeps running"),
    HEALTH_FAILS(
        "web: rm up; exec serve-site",
        "web answers its health path /up with 404, must be 2xx",
        "\"GET /up HTTP/1.1\" 404",
        "answer /up with 200 once the service can take requests"),
    HEALTH_REDIRECTS(
        "web: rm up; mkdir up; touch up/index.html; exec serve-site",
        "web answers its health path /up with 301 (to /up/), must be 2xx",
        "\"GET /up HTTP/1.1\" 301",
        "mesh svc update web --health-path PATH"),
    DEPENDENCY_NOT_FOUND(
        "web: node server.js",
        "the npm registry has no package widemesh-no-such-package-a7f3",
        "E404",
        "correct its name in package.json");

    private final String procfile;
    private final String cause;
    private final String evidence;
    private final String nextStep;

    Seed(String procfile, String cause, String evidence, String nextStep) {
      this.procfile = procfile;
      this.cause = cause;
      this.evidence = evidence;
      this.nextStep = nextStep;
    }

    boolean hasHealthPath() {
      return this == HEALTH_FAILS || this == HEALTH_REDIRECTS;
    }

    void plant(App app) throws IOException {
      app.write("Procfile", procfile + "\n").write("index.html", "new");
      if (this == DEPENDENCY_NOT_FOUND) {
        app.write(
            "package.json",
            "{\"name\":\"app\",\"dependencies\":{\"widemesh-no-such-package-a7f3\":\"1.0.0\"}}");
      }
      if (this == EXEC_FORMAT) {
        var program = app.repository.resolve("other-cpu");
        Files.write(program, ELF_OF_ANOTHER_MACHINE);
        assertThat(program.toFile().setExecutable(true)).isTrue();
      }
    }

    // The machine's number (0x4242) is nobody's.
    private static final byte[] ELF_OF_ANOTHER_MACHINE =
        java.util.HexFormat.of()
            .parseHex(
                "7f454c4602010100" + "0000000000000000" + "0200424201000000" + "00".repeat(40));
  }

  /// What came of the push, and of the app afterwards.
  record Outcome(Seed seed, App app, Shell.Result push, String before, String answer) {
    @Override
    public String toString() {
      return seed.name();
    }
  }

  @BeforeAll
  static void push() throws IOException {
    disk = SmallDisk.of(8_000_000_000L);
    platform = TestPlatform.startOn(disk.folder(), Map.of("WIDEMESH_READY_WITHIN", "40s"));
    onAFullDisk = serving("full-disk");
    Arrays.stream(Seed.values())
        .map(seed -> Shell.inBackground(() -> outcome(seed)))
        .toList()
        .forEach(push -> OUTCOMES.add(push.join()));
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
    disk.close();
  }

  private static Outcome outcome(Seed seed) {
    try {
      var app = serving(seed.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
      if (seed.hasHealthPath()) {
        app.mesh("svc", "update", "web", "--health-path", "/up").ok();
      }
      var before = app.remoteHead();
      seed.plant(app);
      var push = app.commit("broken").push();
      return new Outcome(seed, app, push, before, app.answer());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static App serving(String name) throws IOException {
    var environment = platform.environmentOf(name.substring(0, Math.min(18, name.length())));
    var app = App.create(platform, environment, "shop");
    app.write("index.html", "old").write("up", "yes").commit("old").push().ok();
    assertThat(app.answer()).isEqualTo("old");
    return app;
  }

  static Stream<Outcome> outcomes() {
    return OUTCOMES.stream();
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  @Tag("DEP-2")
  @Tag("DEP-8")
  @Tag("DEP-10")
  @Tag("DEP-12")
  @Tag("STK-5")
  void the_push_names_cause_evidence_and_next_step_and_the_old_version_serves(Outcome outcome) {
    var seed = outcome.seed();
    var push = outcome.push();

    assertThat(push.exitCode()).as(push.all()).isEqualTo(1);
    assertThat(push.err())
        .contains("[remote rejected] main -> main")
        .contains(" !     " + seed.cause)
        .contains(seed.evidence)
        .containsPattern(" !     Try: .*" + java.util.regex.Pattern.quote(seed.nextStep));
    assertThat(outcome.answer()).isEqualTo("old");
    assertThat(outcome.app().remoteHead())
        .isEqualTo(outcome.before())
        .isNotEqualTo(outcome.app().head());
    assertThat(outcome.app().mesh("deployments", "show").all())
        .contains("failed")
        .contains(seed.cause);
  }

  @Test
  @Tag("DEP-12")
  void a_full_disk_refuses_builds_and_nothing_else() throws IOException {
    disk.fill(92);
    try {
      var push = onAFullDisk.write("index.html", "new").commit("new").push();

      assertThat(push.exitCode()).as(push.all()).isEqualTo(1);
      assertThat(push.err())
          .contains(" !     no space left on the disk of the server")
          .contains("92 % used")
          .contains(" !     Try: free disk space on the server, then push again")
          .contains("[remote rejected] main -> main");
      assertThat(onAFullDisk.answer()).isEqualTo("old");
      onAFullDisk.mesh("stack", "config", "set", "GREETING=hi").ok();
    } finally {
      disk.relieve();
    }
    onAFullDisk.push().ok();
    assertThat(onAFullDisk.answer()).isEqualTo("new");
  }

  @Test
  void no_two_causes_are_told_alike() {
    var told = OUTCOMES.stream().map(outcome -> told(outcome)).toList();

    assertThat(told).hasSize(Seed.values().length).doesNotHaveDuplicates();
    assertThat(told(Seed.CRASHES_AT_START))
        .matches("web crashed with exit code 3 (at once|after 2 s) \\(3 times\\)");
    assertThat(told(Seed.CRASHES_AFTER_3_S))
        .matches("web crashed with exit code 3 after [3-9] s \\(3 times\\)");
  }

  private static String told(Seed seed) {
    return OUTCOMES.stream()
        .filter(outcome -> outcome.seed() == seed)
        .map(outcome -> told(outcome))
        .findFirst()
        .orElse("");
  }

  /// The first line of the refusal: what went wrong, without the app's own last words.
  private static String told(Outcome outcome) {
    return outcome
        .push()
        .err()
        .lines()
        .filter(line -> line.contains(" !     "))
        .map(line -> line.substring(line.indexOf(" !     ") + 7).strip())
        .findFirst()
        .orElse("");
  }

  @Test
  void each_cause_has_its_code() {
    var codes = OUTCOMES.stream().map(TwelveCausesTest::code).toList();

    assertThat(codes)
        .containsExactlyElementsOf(
            List.of(
                "wrong-port",
                "bound-to-loopback",
                "never-listened",
                "crashed",
                "crashed",
                "out-of-memory",
                "missing-command",
                "not-executable",
                "release-failed",
                "unhealthy",
                "unhealthy",
                "build-failed"));
  }

  private static String code(Outcome outcome) {
    var shown = outcome.app().mesh("deployments", "show", "--json").ok().out();
    var match = java.util.regex.Pattern.compile("\"code\"\\s*:\\s*\"([a-z-]+)\"").matcher(shown);
    return match.find() ? match.group(1) : shown;
  }
}
