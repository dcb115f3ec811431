package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.model.RegistryHost;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where base images come from: `ours` are the platform's by their names in FROM, `registries`
/// those (`host:port`) that the operator opened although they are no public ones, `logins` open
/// private images for this build alone.
public record Origins(
    Map<String, String> ours, Set<String> registries, List<RegistryLogin> logins) {
  public Origins {
    ours = Map.copyOf(ours);
    registries = Set.copyOf(registries);
    logins = List.copyOf(logins);
  }

  Optional<RegistryLogin> login(RegistryHost host) {
    return logins.stream().filter(login -> login.host().equals(host.value())).findFirst();
  }
}
