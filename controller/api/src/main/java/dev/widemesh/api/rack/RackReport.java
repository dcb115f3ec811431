package dev.widemesh.api.rack;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a rack saw: posted within a second of a change, and every ten seconds. Whole for each
/// environment it names; all environments when `full`.
public record RackReport(
    String rack,
    String node,
    boolean full,
    List<String> routers,
    List<EnvironmentReport> environments) {
  /// `revision`: the definition that was last reconciled. `routed`: the newest definition that
  /// every live router acknowledged. `gone`: a deleted environment of which nothing is left.
  public record EnvironmentReport(
      String environment,
      long revision,
      long routed,
      boolean gone,
      List<Instance> instances,
      List<JobReport> jobs) {}

  public enum State {
    PULLING,
    STARTING,
    READY,
    UNHEALTHY,
    /// It exited and is started again after a pause.
    CRASHED,
    /// Docker refused; `message` says why. Tried again after a pause.
    REFUSED,
    DRAINING,
    STOPPING
  }

  /// `listening`: sockets it listens on (`127.0.0.1:3000`), looked up while it is not ready.
  /// `lastLines`: its last 20 lines, given when it is neither ready nor stopping. `exitCode`,
  /// `outOfMemory` and `ranMillis`, how long it ran till then, of its last end. `restarts` since
  /// the set was made.
  public record Instance(
      String id,
      String set,
      State state,
      Instant since,
      int restarts,
      @Nullable Integer exitCode,
      boolean outOfMemory,
      @Nullable Long ranMillis,
      @Nullable String message,
      @Nullable String container,
      @Nullable String address,
      List<String> listening,
      List<String> lastLines,
      long memoryBytes,
      double cpus) {}

  /// `exitCode` once it ended; `message` where Docker refused it.
  public record JobReport(
      String id,
      boolean ended,
      @Nullable Integer exitCode,
      boolean outOfMemory,
      @Nullable String message,
      List<String> lastLines) {}
}
