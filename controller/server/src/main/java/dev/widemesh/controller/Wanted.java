package dev.widemesh.controller;

import dev.widemesh.api.GitWire;
import dev.widemesh.api.rack.EnvironmentDefinition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All that PostgreSQL says should be so, at one moment: racks and their environments, refs,
/// images, builds.
record Wanted(
    Map<String, List<EnvironmentDefinition>> racks,
    List<GitWire.Projection> stacks,
    Set<String> building,
    List<String> images,
    List<Row> rows) {
  Wanted {
    racks = Map.copyOf(racks);
    stacks = List.copyOf(stacks);
    building = Set.copyOf(building);
    images = List.copyOf(images);
    rows = List.copyOf(rows);
  }

  /// A row that contradicts itself or another, in words.
  record Row(String what) {}

  static Wanted read(Tx tx, Definitions definitions) {
    var racks = new HashMap<String, List<EnvironmentDefinition>>();
    for (var rack : tx.list(row -> row.getString(0), "SELECT name FROM rack")) {
      racks.put(
          rack,
          tx
              .list(row -> row.getString(0), "SELECT id FROM environment WHERE rack = $1", rack)
              .stream()
              .map(environment -> definitions.read(tx, environment))
              .toList());
    }
    return new Wanted(
        racks,
        GitDesk.read(tx).stacks(),
        new HashSet<>(
            tx.list(
                row -> row.getUUID(0).toString(),
                "SELECT id FROM deployment WHERE state = 'building'")),
        BuildDesk.kept(tx),
        rows(tx));
  }

  /// Each query finds what no transaction of ours leaves behind, or only for a moment.
  private static List<Row> rows(Tx tx) {
    return tx.list(
        row -> new Row(row.getString(0)),
        """
        SELECT 'stack ' || s.name || ' serves v' || d.version || ', which is ' || d.state
          FROM stack s JOIN deployment d ON d.id = s.live
         WHERE d.state <> 'live' OR d.stack <> s.id OR d.built IS NULL OR d.live_at IS NULL
        UNION ALL
        SELECT 'v' || d.version || ' of stack ' || s.name || ' is ' || d.state
               || ' past its deadline'
          FROM deployment d JOIN stack s ON s.id = d.stack
         WHERE d.state IN ('building', 'releasing', 'preparing')
           AND (d.deadline IS NULL OR d.deadline < now() - interval '10 seconds')
        UNION ALL
        SELECT 'v' || d.version || ' of stack ' || s.name || ' is being built by nobody'
          FROM deployment d JOIN stack s ON s.id = d.stack
         WHERE d.state = 'building'
           AND (d.lease IS NULL OR d.lease < now() - interval '10 seconds')
        UNION ALL
        SELECT 'v' || d.version || ' of stack ' || s.name || ' is live, which nobody was told'
          FROM deployment d JOIN stack s ON s.id = d.stack
         WHERE d.state = 'live' AND NOT d.announced AND d.live_at < now() - interval '30 seconds'
        UNION ALL
        SELECT 'v' || d.version || ' of stack ' || s.name || ' waits though nothing is before it'
          FROM deployment d JOIN stack s ON s.id = d.stack
         WHERE d.state = 'queued' AND d.created < now() - interval '1 hour'
           AND NOT EXISTS (SELECT 1 FROM deployment o WHERE o.stack = d.stack
                              AND o.state IN ('building', 'releasing', 'preparing'))
        UNION ALL
        SELECT 'stack ' || s.name || ' counts to v' || s.last_version || ' but has v'
               || max(d.version)
          FROM stack s JOIN deployment d ON d.stack = s.id
         GROUP BY s.id, s.name, s.last_version HAVING max(d.version) > s.last_version
        UNION ALL
        SELECT 'v' || d.version || ' of stack ' || s.name || ' is live without any service'
          FROM stack s JOIN deployment d ON d.id = s.live
         WHERE NOT EXISTS (SELECT 1 FROM deployment_service x WHERE x.deployment = d.id)
        UNION ALL
        SELECT 'the operation ' || o.action || ' on ' || o.target || ' never ended'
          FROM operation o WHERE o.finished IS NULL AND o.lease < now() - interval '10 seconds'
        LIMIT 200
        """);
  }
}
