package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// PostgreSQL dies, hangs, is cut off, and loses its connections. What comes of deployments then is
/// in [KillTest].
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("DEP-13")
@Tag("alone")
@ExtendWith(SharedPlatform.class)
class DatabaseFaultsTest {
  private static final Duration PAUSE = Duration.ofMillis(20);

  /// However PostgreSQL fails, an API call ends by then.
  private static final Duration ANSWER = Duration.ofSeconds(7);

  private static final Duration LOST = LongFaults.lasting(Duration.ofSeconds(20), 5);
  private static final Duration HEALED = Duration.ofSeconds(10);
  private static final Duration ACCEPTED = Duration.ofSeconds(5);
  private static TestPlatform platform;

  @BeforeAll
  static void start(TestPlatform shared) {
    platform = shared;
  }

  @Test
  @Tag("nightly")
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
        assertThat(silenceOf(Route.STATUS)).isLessThan(ANSWER);
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

    var control = platform.pidOf("control");

    try (var load = new Load(app, 8, PAUSE)) {
      var cut = cutAll();
      assertThat(cut).isPositive();
      var failed = 0;
      for (var i = 0; i < 4 * cut; i++) {
        failed += answers() ? 0 : 1;
      }
      System.out.printf("%d connections cut: %d calls failed%n", cut, failed);
      assertThat(failed).as("failed calls").isLessThanOrEqualTo(cut);
      awaitHealth();
      app.node("two").commit("two").push().ok();
      assertThat(load.failures()).isEmpty();
    }
    assertThat(platform.pidOf("control")).isEqualTo(control);
    assertThat(app.answer()).startsWith("two");
  }

  @Test
  void one_that_died_is_used_again_soon_after_it_takes_connections() throws Exception {
    platform.kill("postgres");
    Await.until("it takes connections", Duration.ofSeconds(30), DatabaseFaultsTest::accepts);
    var took = until("the API answers", Duration.ofSeconds(30));

    System.out.printf("the API answers %d ms after PostgreSQL%n", took.toMillis());
    assertThat(took).isLessThan(ACCEPTED);
    awaitHealth();
  }

  @Test
  @Tag("nightly")
  void packets_that_are_lost_stop_no_app_and_ten_seconds_after_them_all_is_well() throws Exception {
    var app = App.create(platform, platform.environmentOf("lost"), "shop");
    app.node("one").commit("one").push().ok();
    app.node("two").commit("two");

    try (var load = new Load(app, 8, PAUSE)) {
      try (var _ = Cut.dropping(Platform.read(new DataFolder(platform.data)).postgres())) {
        var end = System.nanoTime() + LOST.toNanos();
        while (System.nanoTime() < end) {
          assertThat(silenceOf(Route.STATUS)).isLessThan(ANSWER);
        }
      }
      var took = until("the API answers", Duration.ofMinutes(1));
      System.out.printf(
          "%d s without packets to PostgreSQL: the API answers %d ms later%n",
          LOST.toSeconds(), took.toMillis());
      assertThat(took).isLessThan(HEALED);
      app.push().ok();
      assertThat(load.failures()).isEmpty();
    }
    assertThat(app.answer()).startsWith("two");
    awaitHealth();
  }

  private static Duration until(String what, Duration limit) {
    var began = System.nanoTime();
    Await.until(what, limit, DatabaseFaultsTest::answers);
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private static boolean answers() throws IOException {
    try {
      var _ = platform.api().get(Route.LIST_ENVIRONMENTS.path(), Object.class);
      return true;
    } catch (ApiException _) {
      return false;
    }
  }

  /// How long a call takes that must be answered with 503.
  private static Duration silenceOf(Route route) throws IOException {
    var began = System.nanoTime();
    assertThatThrownBy(() -> platform.api().get(route.path(), Object.class))
        .isInstanceOfSatisfying(
            ApiException.class, refused -> assertThat(refused.status()).isEqualTo(503));
    var took = Duration.ofNanos(System.nanoTime() - began);
    System.out.printf("%s without a database: 503 after %d ms%n", route, took.toMillis());
    return took;
  }

  private static boolean accepts() throws IOException {
    try (var connection = superuser()) {
      return connection.isValid(1);
    } catch (SQLException _) {
      return false;
    }
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

  private static Connection superuser() throws IOException, SQLException {
    var data = new DataFolder(platform.data);
    var url = "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(Platform.read(data).postgres());
    return DriverManager.getConnection(url, "postgres", new Secrets(data.secrets()).superuser());
  }

  private static int cutAll() throws Exception {
    try (var connection = superuser();
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
