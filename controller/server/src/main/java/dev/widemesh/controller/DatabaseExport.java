package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.postgresql.PGConnection;

/// One look at the whole database, while others go on writing: everything that is asked of it is of
/// the moment of the first question.
public final class DatabaseExport implements AutoCloseable {
  static final String HISTORY = "flyway_schema_history";

  /// How values look as text must not depend on the server's settings.
  static final List<String> SPELLING =
      List.of(
          "SET client_encoding = 'UTF8'",
          "SET DateStyle = 'ISO, YMD'",
          "SET IntervalStyle = 'postgres'",
          "SET TimeZone = 'UTC'",
          "SET extra_float_digits = 3",
          "SET bytea_output = 'hex'");

  private final Connection connection;

  private DatabaseExport(Connection connection) {
    this.connection = connection;
  }

  public static DatabaseExport open(String databaseUrl) throws SQLException {
    var connection = JdbcAddress.of(databaseUrl).connect();
    try (var statement = connection.createStatement()) {
      for (var setting : SPELLING) {
        statement.execute(setting);
      }
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      return new DatabaseExport(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /// `<repository>@<digest>` of each image that the registry must have.
  public Set<String> images() throws SQLException {
    var images = new TreeSet<String>();
    for (var row : rows(Kept.IMAGES)) {
      images.add(Json.read(row.getFirst(), BuildWire.Built.class).image());
    }
    return images;
  }

  /// For each stack the commits that its repository must have.
  public Map<String, Set<String>> commits() throws SQLException {
    var commits = new TreeMap<String, Set<String>>();
    for (var row : rows("SELECT id FROM stack")) {
      commits.put(row.getFirst(), new TreeSet<>());
    }
    for (var row : rows("SELECT stack, commit FROM (" + Kept.COMMITS + ") commits")) {
      commits.computeIfAbsent(row.get(0), _ -> new TreeSet<>()).add(row.get(1));
    }
    return commits;
  }

  public int environments() throws SQLException {
    return rows("SELECT id FROM environment WHERE NOT deleted").size();
  }

  /// Every table into a file of its own.
  public DatabaseCopy write(Path folder) throws SQLException, IOException {
    refuseSequences();
    var tables = new ArrayList<DatabaseCopy.Table>();
    for (var row : rows(tables())) {
      tables.add(write(new DatabaseCopy.Table(row.getFirst(), columns(row.getFirst()), 0), folder));
    }
    var newest =
        rows("SELECT version, script FROM %s WHERE success AND version IS NOT NULL"
                    .formatted(HISTORY)
                + " ORDER BY installed_rank DESC LIMIT 1")
            .getFirst();
    return new DatabaseCopy(newest.get(0), newest.get(1), tables);
  }

  static String tables() {
    return """
    SELECT table_name FROM information_schema.tables
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> '%s'
     ORDER BY table_name
    """
        .formatted(HISTORY);
  }

  private DatabaseCopy.Table write(DatabaseCopy.Table table, Path folder)
      throws SQLException, IOException {
    var copying = connection.unwrap(PGConnection.class).getCopyAPI();
    try (var out =
        new GZIPOutputStream(
            new BufferedOutputStream(Files.newOutputStream(folder.resolve(table.file()))))) {
      var rows = copying.copyOut("COPY " + table.copied() + " TO STDOUT", out);
      return new DatabaseCopy.Table(table.name(), table.columns(), rows);
    }
  }

  private List<String> columns(String table) throws SQLException {
    return rows(
            """
            SELECT column_name FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = '%s' AND is_generated = 'NEVER'
             ORDER BY ordinal_position
            """
                .formatted(table.replace("'", "''")))
        .stream()
        .map(List::getFirst)
        .toList();
  }

  /// Where they stand is in no table. There are none, and who makes the first one is told here.
  private void refuseSequences() throws SQLException {
    var found = rows("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()");
    if (!found.isEmpty()) {
      throw new IllegalStateException("a backup does not carry sequences: " + found);
    }
  }

  private List<List<String>> rows(String query) throws SQLException {
    return rows(connection, query);
  }

  static List<List<String>> rows(Connection connection, String query) throws SQLException {
    var found = new ArrayList<List<String>>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      var width = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        var row = new ArrayList<String>();
        for (var column = 1; column <= width; column++) {
          row.add(rows.getString(column));
        }
        found.add(row);
      }
    }
    return found;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
