package dev.widemesh.controller;

import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What racks and builders last said. Only in memory: after a restart everybody says it again.
final class Sightings {
  private static final Duration SILENCE = Duration.ofSeconds(15);
  private static final Duration BUILDER_SILENCE = Duration.ofSeconds(60);

  private final InstantSource clock;
  private final Map<String, EnvironmentReport> environments = new HashMap<>();
  private final Map<String, RackSeen> racks = new HashMap<>();
  private String builder = "";
  private Instant builderAt = Instant.EPOCH;

  Sightings(InstantSource clock) {
    this.clock = clock;
  }

  record RackSeen(boolean stream, Instant heard, String node, List<String> routers) {}

  void opened(String rack, String node) {
    var before = racks.get(rack);
    var routers = before == null ? List.<String>of() : before.routers();
    racks.put(rack, new RackSeen(true, clock.instant(), node, routers));
  }

  void closed(String rack) {
    racks.computeIfPresent(
        rack, (_, seen) -> new RackSeen(false, seen.heard(), seen.node(), seen.routers()));
  }

  void reported(RackReport report) {
    var before = racks.get(report.rack());
    racks.put(
        report.rack(),
        new RackSeen(
            before != null && before.stream(), clock.instant(), report.node(), report.routers()));
    for (var environment : report.environments()) {
      environments.put(environment.environment(), environment);
    }
  }

  void forget(String environment) {
    environments.remove(environment);
  }

  boolean isConnected(String rack) {
    var seen = racks.get(rack);
    return seen != null && seen.stream() && seen.heard().plus(SILENCE).isAfter(clock.instant());
  }

  Optional<RackSeen> rack(String name) {
    return Optional.ofNullable(racks.get(name));
  }

  Optional<EnvironmentReport> environment(String id) {
    return Optional.ofNullable(environments.get(id));
  }

  List<RackReport.Instance> instances(String environment) {
    var report = environments.get(environment);
    return report == null ? List.of() : report.instances();
  }

  void builderSaid(String state) {
    builder = state;
    builderAt = clock.instant();
  }

  Optional<String> builder() {
    return builderAt.plus(BUILDER_SILENCE).isAfter(clock.instant())
        ? Optional.of(builder)
        : Optional.empty();
  }
}
