package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// PostgreSQL hangs, and loses its connections. That it dies is in [KillTest].
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("DEP-13")
class DatabaseFaultsTest {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static TestPlatform platform;

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.start();
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
  }

  @Test
  void while_it_hangs_the_api_says_so_in_time_and_afterwards_all_goes_on() throws Exception {
    var app = App.create(platform, platform.environmentOf("hang"), "shop");
    app.node("one").commit("one").push().ok();
    app.node("two").commit("two");

    try (var load = new Load(app, 8, PAUSE)) {
      signal("STOP");
      try {
        var start = System.nanoTime();
        var status = platform.mesh("status");
        var took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("with a database that hangs, an answer after %d ms%n", took.toMillis());
        assertThat(status.exitCode()).as(status.toString()).isEqualTo(11);
        assertThat(status.err()).contains("database does not answer", "try again");
        assertThat(took).isLessThan(Duration.ofSeconds(15));
        var push = app.push();
        assertThat(push.exitCode()).as(push.toString()).isNotZero();
      } finally {
        signal("CONT");
      }
      awaitHealth();
      app.node("three").commit("three").push().ok();
      assertThat(app.answer()).startsWith("three");
      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void connections_that_it_cuts_are_made_again() throws Exception {
    var app = App.create(platform, platform.environmentOf("cut"), "shop");
    app.node("one").commit("one").push().ok();

    try (var load = new Load(app, 8, PAUSE)) {
      assertThat(cutAll()).isGreaterThan(0);
      awaitHealth();
      app.node("two").commit("two").push().ok();
      assertThat(load.failures()).isEmpty();
    }
    assertThat(app.answer()).startsWith("two");
  }

  private static void awaitHealth() {
    Await.until(
        "nothing disagrees",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }

  private static void signal(String name) throws IOException {
    var postmaster = ProcessHandle.of(platform.pidOf("postgres")).orElseThrow();
    var argv = new ArrayList<>(List.of("kill", "-" + name, "" + postmaster.pid()));
    postmaster.descendants().forEach(backend -> argv.add("" + backend.pid()));
    Shell.run(platform.folder, Map.of(), argv);
  }

  private static int cutAll() throws Exception {
    var data = new DataFolder(platform.data);
    var url = "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(Platform.read(data).postgres());
    var password = new Secrets(data.secrets()).superuser();
    try (var connection = DriverManager.getConnection(url, "postgres", password);
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = 'widemesh-controller'
                """)) {
      var cut = 0;
      while (rows.next()) {
        cut++;
      }
      return cut;
    }
  }
}
