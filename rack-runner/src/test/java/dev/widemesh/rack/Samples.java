package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.InstanceSpec.Readiness;
import dev.widemesh.rack.Seen.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Definitions and containers for tests.
final class Samples {
  static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  static final String ENV = "abcdefgh";

  private Samples() {}

  static InstanceSpec spec(int port, List<String> command) {
    return spec("app:1", port, command);
  }

  static InstanceSpec spec(String image, int port, List<String> command) {
    var kind = port == 0 ? Readiness.Kind.ALIVE : Readiness.Kind.PORT;
    return new InstanceSpec(
        image,
        command,
        Map.of("PORT", "8080"),
        port,
        new Readiness(kind, null, 1),
        64_000_000,
        1,
        100,
        10,
        false);
  }

  static InstanceSet set(String id, String service, int count, InstanceSpec spec) {
    return new InstanceSet(id, "shop", service, "shop-" + service, "v1", count, spec);
  }

  static InstanceSet web(String id) {
    return set(id, "web", 1, spec(8080, List.of("serve")));
  }

  static EnvironmentDefinition wanting(List<InstanceSet> current, List<InstanceSet> candidate) {
    return new EnvironmentDefinition(
        ENV, "blue", 1, false, current, candidate, List.of(), List.of());
  }

  static EnvironmentDefinition deleted() {
    return new EnvironmentDefinition(
        ENV, "blue", 9, true, List.of(), List.of(), List.of(), List.of());
  }

  static Seen running(InstanceSet set, int index) {
    return seen(set, index, new Phase.Running(NOW.minusSeconds(60), 1));
  }

  static Seen seen(InstanceSet set, int index, Phase phase) {
    var name = "c-" + set.instance(index);
    return new Seen(name, name, Labels.of(ENV, set, index), "10.1.1." + (index + 1), phase);
  }
}
