package dev.widemesh.controller;

import dev.widemesh.api.Json;
import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/// What is set for a service, whoever set it. `port` absent: the platform chooses;
/// `readyAfterSeconds` is for what has none.
record ServiceSettings(
    String name,
    @Nullable Command command,
    boolean commandByHand,
    int instances,
    long memoryBytes,
    double cpus,
    int pids,
    @Nullable Integer port,
    @Nullable String healthPath,
    int graceSeconds,
    int readyAfterSeconds) {
  static ServiceSettings defaults(String name) {
    return new ServiceSettings(name, null, false, 1, 512_000_000, 1.0, 512, null, null, 30, 1);
  }

  static ServiceSettings of(Row row) {
    var command = row.getString("command");
    return new ServiceSettings(
        row.getString("name"),
        command == null ? null : Json.read(command, Command.class),
        row.getBoolean("command_by_hand"),
        row.getInteger("instances"),
        row.getLong("memory_bytes"),
        row.getDouble("cpus"),
        row.getInteger("pids"),
        row.getInteger("port"),
        row.getString("health_path"),
        row.getInteger("grace_seconds"),
        row.getInteger("ready_after_seconds"));
  }

  String kind() {
    return name.equals("web") ? "web" : "worker";
  }

  /// 0: takes no connections. What was set, else what the image exposes, else 8080; a worker has
  /// only a port that was set.
  int portOr(int exposed) {
    if (port != null) {
      return port;
    }
    if (!kind().equals("web")) {
      return 0;
    }
    return exposed > 0 ? exposed : 8080;
  }
}
