package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

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
class MigrationKillTest {
  private static final Duration GOES_ON = Duration.ofSeconds(30);

  private static final String WAITING =
      """
      SELECT count(*) FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE stack%'
      """;
  private static final String TABLES =
      """
      SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables
       WHERE schemaname = 'public' AND tablename IN ('account', 'environment', 'deployment')
      """;
  private static final String STEPS =
      "SELECT string_agg(version, ' ' ORDER BY installed_rank) FROM flyway_schema_history"
          + " WHERE success";

  @Test
  @Tag("DEP-13")
  void a_controller_killed_in_the_middle_of_a_step_begins_with_that_step_again() throws Exception {
    try (var server = OwnPostgres.start();
        var platform = TestPlatform.stopped(Map.of("WIDEMESH_DATABASE_URL", server.url()));
        var look = server.connect();
        var other = server.connect()) {
      // The second step makes this table, too, and waits here to hear whether there is one already.
      other.setAutoCommit(false);
      try (var statement = other.createStatement()) {
        statement.execute("CREATE TABLE stack (id int)");
      }
      var up = Shell.inBackground(platform::tryUp);
      Await.until(
          "the second step is half done",
          Duration.ofMinutes(1),
          () -> read(look, WAITING).equals("1"));

      platform.kill("control");
      var killed = System.nanoTime();
      assertThat(read(look, STEPS)).isEqualTo("001");
      assertThat(read(look, TABLES)).isEqualTo("account");
      other.rollback();

      up.join().ok();
      var took = Duration.ofNanos(System.nanoTime() - killed);
      System.out.printf("up %d ms after the kill in a migration%n", took.toMillis());
      assertThat(took).isLessThan(GOES_ON);
      assertThat(read(look, STEPS)).startsWith("001 002 003");
      assertThat(read(look, TABLES)).isEqualTo("account deployment environment");
      platform.mesh("env", "create", "works").ok();
      platform.mesh("doctor", "--invariants").ok();
    }
  }

  private static String read(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }
}
