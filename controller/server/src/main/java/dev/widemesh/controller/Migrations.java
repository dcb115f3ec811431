package dev.widemesh.controller;

import java.net.URI;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Brings the schema up to date; run by the thread that starts the controller.
final class Migrations {
  private Migrations() {}

  static void run(String databaseUrl) {
    var uri = URI.create(databaseUrl);
    var user = uri.getUserInfo().split(":", 2);
    var jdbc =
        "jdbc:postgresql://%s:%d%s?connectTimeout=5&socketTimeout=60&loginTimeout=10"
            .formatted(uri.getHost(), uri.getPort() < 0 ? 5432 : uri.getPort(), uri.getPath());
    try {
      var _ =
          Flyway.configure()
              .dataSource(jdbc, user[0], user.length > 1 ? user[1] : "")
              .locations("classpath:db")
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
