package dev.widemesh.controller;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Brings the schema up to date; run by the thread that starts the controller.
final class Migrations {
  static final String LATEST = "latest";

  private Migrations() {}

  static void run(String databaseUrl) {
    run(JdbcAddress.of(databaseUrl), LATEST);
  }

  /// Up to that version and no further.
  static void run(JdbcAddress database, String version) {
    try {
      var _ =
          Flyway.configure()
              .dataSource(database.url(), database.user(), database.password())
              .locations("classpath:db")
              .target(version)
              .connectRetries(5)
              .load()
              .migrate();
    } catch (FlywayException e) {
      throw new IllegalStateException(
          "cannot bring the database up to date; start again, and restore the backup if it stays so: "
              + e.getMessage(),
          e);
    }
  }
}
