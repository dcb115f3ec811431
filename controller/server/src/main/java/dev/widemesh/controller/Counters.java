package dev.widemesh.controller;

/// Numbers that grow in the order in which changes are committed: the row stays locked until then,
/// so whoever saw one number has seen every change before it. Taken last in a transaction.
final class Counters {
  private Counters() {}

  /// The environment's definition changed: every rack that serves it is to hear of it.
  static long definition(Tx tx, String environment) {
    var revision = next(tx, "definition");
    tx.change("UPDATE environment SET revision = $2 WHERE id = $1", environment, revision);
    return revision;
  }

  /// What the git refs must be changed.
  static void projection(Tx tx) {
    next(tx, "projection");
  }

  static long next(Tx tx, String name) {
    return tx.one("UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value", name)
        .orElseThrow()
        .getLong(0);
  }

  static long now(Tx tx, String name) {
    return tx.one("SELECT value FROM counter WHERE name = $1", name).orElseThrow().getLong(0);
  }
}
