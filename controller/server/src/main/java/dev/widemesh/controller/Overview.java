package dev.widemesh.controller;

import dev.widemesh.api.Views;
import java.util.List;
import java.util.Map;

/// How the platform itself is.
final class Overview {
  private static final String VERSION = "0.1.0";

  private final Database database;
  private final Sightings sightings;

  Overview(Database database, Sightings sightings) {
    this.database = database;
    this.sightings = sightings;
  }

  /// 503 when the database is silent.
  Answer health() {
    database.run(tx -> tx.one("SELECT 1"));
    return Answer.of(Map.of("status", "ok", "version", VERSION));
  }

  Answer status() {
    var racks =
        database.call(
            tx ->
                tx.list(row -> row.getString(0), "SELECT name FROM rack ORDER BY name").stream()
                    .map(name -> rack(tx, name))
                    .toList());
    return Answer.of(new Views.Status(VERSION, true, racks, sightings.builder().orElse(null)));
  }

  private Views.Rack rack(Tx tx, String name) {
    var seen = sightings.rack(name);
    return new Views.Rack(
        name,
        sightings.isConnected(name),
        isBehind(tx, name),
        seen.map(rack -> List.of(rack.node())).orElse(List.of()),
        seen.map(Sightings.RackSeen::routers).orElse(List.of()));
  }

  boolean isBehind(String rack) {
    return database.call(tx -> isBehind(tx, rack));
  }

  private boolean isBehind(Tx tx, String rack) {
    for (var row : tx.rows("SELECT id, revision FROM environment WHERE rack = $1", rack)) {
      var report = sightings.environment(row.getString(0));
      if (report.isEmpty() || report.get().revision() < row.getLong(1)) {
        return true;
      }
    }
    return false;
  }
}
