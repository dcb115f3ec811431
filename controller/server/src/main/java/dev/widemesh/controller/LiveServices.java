package dev.widemesh.controller;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.model.DeploymentState;

/// The services follow the deployment that went live: their commands, who left, what is published.
final class LiveServices {
  private final ControllerConfig config;

  LiveServices(ControllerConfig config) {
    this.config = config;
  }

  void follow(Tx tx, Deployment live) {
    takeCommands(tx, live);
    tx.change(
        """
        UPDATE service v SET presence = CASE WHEN presence = 'new' THEN 'new' ELSE 'absent' END
         WHERE stack = $1 AND NOT EXISTS (
               SELECT 1 FROM deployment_service ds
                WHERE ds.deployment = $2 AND ds.service = v.name)
        """,
        live.stackId(),
        live.id());
    publish(tx, live);
  }

  // A command that was set by hand meanwhile stays. A rollback takes back only those that were set
  // before it was asked for.
  private static void takeCommands(Tx tx, Deployment live) {
    tx.change(
        """
        UPDATE service v
           SET presence = 'present', kind = ds.kind,
               command = CASE WHEN v.command_by_hand AND NOT ($3 AND v.commanded_at < $4)
                              THEN v.command ELSE ds.command END,
               command_by_hand = CASE WHEN $3 AND v.commanded_at < $4
                                      THEN ds.command_by_hand ELSE v.command_by_hand END
          FROM deployment_service ds
         WHERE v.stack = $1 AND ds.deployment = $2 AND ds.service = v.name
        """,
        live.stackId(),
        live.id(),
        live.cause().equals("rollback"),
        live.version());
  }

  // Only a service named web, only at the platform's own alias, and only where nothing is yet.
  private void publish(Tx tx, Deployment live) {
    var hasWeb =
        tx.one("SELECT 1 FROM deployment_service WHERE deployment = $1 AND kind = 'web'", live.id())
            .isPresent();
    if (!hasWeb) {
      return;
    }
    var alias = config.alias(live.environment());
    tx.change(
        """
        INSERT INTO publication (host, prefix, stack, service)
        SELECT host, '/', $2, 'web' FROM endpoint WHERE host = $1
        ON CONFLICT (host, prefix) DO NOTHING
        """,
        alias,
        live.stackId());
    var owner =
        tx.one(
            """
            SELECT v.hostname FROM publication p
              JOIN service v ON v.stack = p.stack AND v.name = p.service
             WHERE p.host = $1 AND p.prefix = '/' AND p.stack <> $2
            """,
            alias,
            live.stackId());
    owner.ifPresent(
        row ->
            Output.add(
                tx,
                live.id(),
                DeploymentState.LIVE,
                Draft.detail(
                    "web is not published: / of %s belongs to %s; in an environment of its own it is"
                        .formatted(alias, row.getString(0)))));
  }
}
