package dev.widemesh.controller;

import java.util.Optional;
import java.util.UUID;

/// A rollback that is on its way. What is changed meanwhile holds whether it goes live or not: it
/// is stored for both.
///
/// `configVersion`: of the stack once it is live.
record OpenRollback(UUID id, int configVersion) {
  /// The stack's row must be locked: `commit` locks it as well.
  static Optional<OpenRollback> of(Tx tx, UUID stack) {
    return tx.one(
            """
            SELECT r.id, coalesce(r.config_after, t.config_version)
              FROM deployment r JOIN deployment t ON t.id = r.target
             WHERE r.stack = $1 AND r.cause = 'rollback' AND NOT r.cancel
               AND r.state IN ('queued', 'releasing', 'preparing')
             ORDER BY r.version DESC LIMIT 1
            """,
            stack)
        .map(row -> new OpenRollback(row.getUUID(0), row.getInteger(1)));
  }

  void leaves(Tx tx, int configuration) {
    tx.change("UPDATE deployment SET config_after = $2 WHERE id = $1", id, configuration);
  }
}
