package dev.widemesh.controller;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.postgresql.PGConnection;

/// Brings a copy of a database into an empty one: the schema as it was then, and all rows in one
/// transaction. The controller that starts on it brings the schema up to date as after an upgrade.
public final class DatabaseImport {
  private static final String REFERENCES =
      """
      SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint
       WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
      """;

  private final Connection connection;
  private final DatabaseCopy copy;

  private DatabaseImport(Connection connection, DatabaseCopy copy) {
    this.connection = connection;
    this.copy = copy;
  }

  /// Whether no controller ever used it.
  public static boolean isEmpty(String databaseUrl) throws SQLException {
    try (var connection = JdbcAddress.of(databaseUrl).connect()) {
      return rows(
                  connection,
                  "SELECT 1 FROM pg_tables WHERE schemaname = current_schema()"
                      + " AND tablename = 'account'")
              .isEmpty()
          || rows(connection, "SELECT 1 FROM account LIMIT 1").isEmpty();
    }
  }

  public static void run(String databaseUrl, DatabaseCopy copy, Path folder)
      throws SQLException, IOException {
    var address = JdbcAddress.of(databaseUrl);
    Migrations.run(address, copy.schema());
    try (var connection = address.connect()) {
      connection.setAutoCommit(false);
      new DatabaseImport(connection, copy).load(folder);
      connection.commit();
    }
  }

  private void load(Path folder) throws SQLException, IOException {
    for (var setting : DatabaseExport.SPELLING) {
      execute(setting);
    }
    refuseOtherTables();
    // Tables refer to each other in circles: who refers to whom is checked when all rows are there.
    var references = rows(connection, REFERENCES);
    for (var each : references) {
      execute("ALTER TABLE %s ALTER CONSTRAINT %s DEFERRABLE".formatted(each.toArray()));
    }
    execute("SET CONSTRAINTS ALL DEFERRED");
    var names = copy.tables().stream().map(table -> DatabaseCopy.quoted(table.name())).toList();
    execute("TRUNCATE " + String.join(", ", names));
    for (var table : copy.tables()) {
      load(table, folder);
    }
    execute("SET CONSTRAINTS ALL IMMEDIATE");
    for (var each : references) {
      execute("ALTER TABLE %s ALTER CONSTRAINT %s NOT DEFERRABLE".formatted(each.toArray()));
    }
  }

  private void refuseOtherTables() throws SQLException {
    var present =
        rows(connection, DatabaseExport.tables()).stream().map(List::getFirst).sorted().toList();
    var copied = copy.tables().stream().map(DatabaseCopy.Table::name).sorted().toList();
    if (!present.equals(copied)) {
      throw new IllegalStateException(
          "the copy has the tables %s, the schema %s".formatted(copied, present));
    }
  }

  private void load(DatabaseCopy.Table table, Path folder) throws SQLException, IOException {
    var copying = connection.unwrap(PGConnection.class).getCopyAPI();
    try (var in =
        new GZIPInputStream(
            new BufferedInputStream(Files.newInputStream(folder.resolve(table.file()))))) {
      var rows = copying.copyIn("COPY " + table.copied() + " FROM STDIN", in);
      if (rows != table.rows()) {
        throw new IllegalStateException(
            "%d rows of %d came into %s".formatted(rows, table.rows(), table.name()));
      }
    }
  }

  private void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<List<String>> rows(Connection connection, String query) throws SQLException {
    return DatabaseExport.rows(connection, query);
  }
}
