package dev.widemesh.api.rack;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that makes one instance: two equal ones need no roll-out. `image` is without the
/// registry's host; `command` the whole argv. `port` 0: none. `cpus` and `memoryBytes` are limits.
public record InstanceSpec(
    String image,
    List<String> command,
    Map<String, String> environment,
    int port,
    Readiness readiness,
    long memoryBytes,
    double cpus,
    int pids,
    int graceSeconds,
    boolean serverCapabilities) {
  public InstanceSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /// When an instance is ready: its port accepts (`PORT`), its `path` answers 2xx (`HTTP`), or it
  /// lived for `aliveSeconds` (`ALIVE`).
  public record Readiness(Kind kind, @Nullable String path, double aliveSeconds) {
    public enum Kind {
      PORT,
      HTTP,
      ALIVE
    }
  }
}
