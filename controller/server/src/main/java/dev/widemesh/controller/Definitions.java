package dev.widemesh.controller;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.model.Sealer;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;

/// Makes from rows, and only from rows, what a rack is told of an environment.
final class Definitions {
  static final long RELEASE_SECONDS = 600;

  private final Sealer sealer;

  Definitions(Sealer sealer) {
    this.sealer = sealer;
  }

  static String place(UUID deployment, String service) {
    return "deployment/" + deployment + "/" + service;
  }

  Buffer seal(InstanceSpec spec, UUID deployment, String service) {
    var open = Json.write(spec).getBytes(StandardCharsets.UTF_8);
    return Buffer.buffer(sealer.seal(open, place(deployment, service)));
  }

  InstanceSpec open(Buffer sealed, UUID deployment, String service) {
    var open = sealer.open(sealed.getBytes(), place(deployment, service));
    return Json.read(new String(open, StandardCharsets.UTF_8), InstanceSpec.class);
  }

  EnvironmentDefinition read(Tx tx, String environment) {
    // One statement later something may have changed: then there is a newer revision, and another
    // definition follows this one.
    var row =
        tx.one(
                "SELECT name, revision, deleted FROM environment WHERE id = $1 FOR SHARE",
                environment)
            .orElseThrow();
    var current = sets(tx, environment, "d.id = s.live");
    var running = new HashSet<String>();
    current.forEach(set -> running.add(set.id()));
    var candidates =
        sets(tx, environment, "d.state = 'preparing'").stream()
            .filter(set -> !running.contains(set.id()))
            .toList();
    return new EnvironmentDefinition(
        environment,
        row.getString("name"),
        row.getLong("revision"),
        row.getBoolean("deleted"),
        current,
        candidates,
        jobs(tx, environment),
        endpoints(tx, environment));
  }

  private List<InstanceSet> sets(Tx tx, String environment, String which) {
    return tx.list(
        this::set,
        """
        SELECT ds.deployment, ds.service, ds.set_id, ds.set_label, ds.spec, s.name AS stack,
               v.hostname, v.instances
          FROM stack s
          JOIN deployment d ON d.stack = s.id
          JOIN deployment_service ds ON ds.deployment = d.id
          JOIN service v ON v.stack = s.id AND v.name = ds.service
         WHERE s.environment = $1 AND\s"""
            + which
            + " ORDER BY s.name, ds.service",
        environment);
  }

  private InstanceSet set(Row row) {
    var service = row.getString("service");
    return new InstanceSet(
        row.getString("set_id"),
        row.getString("stack"),
        service,
        row.getString("hostname"),
        row.getString("set_label"),
        row.getInteger("instances"),
        open(row.getBuffer("spec"), row.getUUID("deployment"), service));
  }

  /// The sets of one deployment that do not run yet.
  List<InstanceSet> candidates(Tx tx, Deployment deployment) {
    return sets(tx, deployment.environmentId(), "d.state = 'preparing'").stream()
        .filter(set -> set.stack().equals(deployment.stack()))
        .filter(set -> set.deployment().equals(deployment.label()))
        .toList();
  }

  private List<EnvironmentDefinition.Job> jobs(Tx tx, String environment) {
    return tx.list(
        row -> {
          var id = row.getUUID("id");
          return new EnvironmentDefinition.Job(
              id.toString(),
              row.getString("stack"),
              "release",
              "v" + row.getInteger("version"),
              open(row.getBuffer("job"), id, "(release)"),
              RELEASE_SECONDS);
        },
        """
        SELECT d.id, d.version, d.job, s.name AS stack
          FROM deployment d JOIN stack s ON s.id = d.stack
         WHERE s.environment = $1 AND d.state = 'releasing' AND d.job IS NOT NULL
         ORDER BY s.name
        """,
        environment);
  }

  private static List<EnvironmentDefinition.Endpoint> endpoints(Tx tx, String environment) {
    var routes = new LinkedHashMap<String, List<EnvironmentDefinition.PathRoute>>();
    for (var row :
        tx.rows(
            """
            SELECT n.host, p.prefix, p.strip, v.hostname
              FROM endpoint n
              LEFT JOIN publication p ON p.host = n.host
              LEFT JOIN service v ON v.stack = p.stack AND v.name = p.service
             WHERE n.environment = $1
             ORDER BY n.host, length(p.prefix) DESC, p.prefix
            """,
            environment)) {
      var of = routes.computeIfAbsent(row.getString("host"), _ -> new ArrayList<>());
      var hostname = row.getString("hostname");
      if (hostname != null) {
        of.add(
            new EnvironmentDefinition.PathRoute(
                row.getString("prefix"), row.getBoolean("strip"), hostname));
      }
    }
    return routes.entrySet().stream()
        .map(entry -> new EnvironmentDefinition.Endpoint(entry.getKey(), entry.getValue()))
        .toList();
  }
}
