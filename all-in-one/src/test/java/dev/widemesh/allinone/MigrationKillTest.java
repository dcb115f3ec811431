package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The schema comes in steps, each one transaction.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
@Tag("alone")
class MigrationKillTest {
  private static final Duration GOES_ON = Duration.ofSeconds(30);

  private static final String TABLES =
      """
      SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables
       WHERE schemaname = 'public' AND tablename IN ('account', 'environment', 'deployment')
      """;
  private static final String ALIAS =
      """
      SELECT count(*) FROM information_schema.columns
       WHERE table_name = 'endpoint' AND column_name = 'alias'
      """;
  private static final String STEPS =
      "SELECT string_agg(version, ' ' ORDER BY installed_rank) FROM flyway_schema_history"
          + " WHERE success";

  /// At the second step, which makes tables, at the third, and at the fifth, which changes rows:
  /// each is held up after it has begun.
  @Test
  @Tag("DEP-13")
  void a_controller_killed_in_the_middle_of_a_step_begins_with_that_step_again() throws Exception {
    try (var server = OwnPostgres.start();
        var platform = TestPlatform.stopped(Map.of("WIDEMESH_DATABASE_URL", server.url()));
        var look = server.connect();
        // Whoever makes one of these, too, waits to hear whether there is one already.
        var stack = holding(server, "CREATE TABLE stack (id int)");
        var deployment = holding(server, "CREATE TABLE deployment (id int)")) {
      var up = Shell.inBackground(platform::tryUp);
      killAt(platform, look, "CREATE TABLE stack", "001");
      assertThat(read(look, TABLES)).isEqualTo("account");
      stack.rollback();

      killAt(platform, look, "CREATE TABLE deployment", "001 002");
      assertThat(read(look, TABLES)).isEqualTo("account environment");
      try (var publication = holding(server, "LOCK TABLE publication IN ACCESS SHARE MODE")) {
        deployment.rollback();
        killAt(platform, look, "ALTER TABLE publication", "001 002 003 004");
        assertThat(read(look, ALIAS)).isEqualTo("0");
        publication.rollback();
      }
      var killed = System.nanoTime();

      up.join().ok();
      var took = Duration.ofNanos(System.nanoTime() - killed);
      System.out.printf("up %d ms after the third kill in a migration%n", took.toMillis());
      assertThat(took).isLessThan(GOES_ON);
      assertThat(read(look, STEPS)).startsWith("001 002 003 004 005 006");
      assertThat(read(look, TABLES)).isEqualTo("account deployment environment");
      platform.mesh("env", "create", "works").ok();
      platform.mesh("doctor", "--invariants").ok();
    }
  }

  /// In a transaction that does not end by itself.
  private static Connection holding(OwnPostgres server, String statement)
      throws SQLException, IOException {
    var connection = server.connect();
    connection.setAutoCommit(false);
    try (var held = connection.createStatement()) {
      held.execute(statement);
    }
    return connection;
  }

  /// When a step waits there, with those before it done.
  private static void killAt(
      TestPlatform platform, Connection look, String statement, String before) throws Exception {
    Await.until(
        "a step waits at " + statement,
        Duration.ofMinutes(1),
        () -> read(look, waiting(statement)).equals("1"));
    platform.kill("control");
    assertThat(read(look, STEPS)).isEqualTo(before);
  }

  private static String waiting(String statement) {
    return """
        SELECT count(*) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND query LIKE '%%%s%%'
        """
        .formatted(statement);
  }

  private static String read(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }
}
