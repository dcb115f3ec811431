package dev.widemesh.controller;

/// The names that environments have under the platform's domain.
final class Aliases {
  private final Database database;
  private final ControllerConfig config;

  Aliases(Database database, ControllerConfig config) {
    this.database = database;
    this.config = config;
  }

  static void make(Tx tx, String host, String environment) {
    tx.change(
        "INSERT INTO endpoint (host, environment, alias) VALUES ($1, $2, true)", host, environment);
  }

  /// After the operator chose another domain, with all that is published on them.
  void follow() {
    database.run(
        tx ->
            tx.list(
                    row -> row.getString(0),
                    """
                    UPDATE endpoint n SET host = e.name || '.' || $1::text
                      FROM environment e
                     WHERE e.id = n.environment AND n.alias AND n.host <> e.name || '.' || $1::text
                    RETURNING e.id
                    """,
                    config.domain())
                .forEach(environment -> Counters.definition(tx, environment)));
  }
}
