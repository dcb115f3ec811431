package dev.widemesh.controller;

import java.util.List;

/// What one copy of the database consists of: for each table PostgreSQL's own text of COPY, which
/// every version of it reads, packed by gzip as `<table>.copy.gz`.
///
/// `schema` is the newest migration that the tables had, `script` its file.
public record DatabaseCopy(String schema, String script, List<Table> tables) {
  public DatabaseCopy {
    tables = List.copyOf(tables);
  }

  /// The columns in the order of the text.
  public record Table(String name, List<String> columns, long rows) {
    public Table {
      columns = List.copyOf(columns);
    }

    String file() {
      return name + ".copy.gz";
    }

    String copied() {
      return "%s (%s)"
          .formatted(
              quoted(name), String.join(", ", columns.stream().map(DatabaseCopy::quoted).toList()));
    }
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /// Whether this build has the migrations that lead there; a newer one's it has not.
  public boolean leadsToKnownSchema() {
    return script.matches("V[0-9a-z_]+\\.sql")
        && DatabaseCopy.class.getResource("/db/" + script) != null;
  }
}
