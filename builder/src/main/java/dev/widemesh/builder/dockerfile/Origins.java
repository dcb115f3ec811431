package dev.widemesh.builder.dockerfile;

import java.util.Map;
import java.util.Set;

/// Where base images come from: `ours` are the platform's by their names in FROM, `registries`
/// those (`host:port`) that the operator opened although they are no public ones.
public record Origins(Map<String, String> ours, Set<String> registries) {
  public Origins {
    ours = Map.copyOf(ours);
    registries = Set.copyOf(registries);
  }
}
