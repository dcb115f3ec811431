package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.EnvironmentDefinition.Endpoint;
import dev.widemesh.api.rack.InstanceSpec.Readiness;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouteTable.Role;
import dev.widemesh.rack.Seen.Phase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What an environment adds to the route table. Pure. The roles it gave are in `roles`, by
/// container.
record Contribution(RouteTable.Environment environment, Map<String, Role> roles) {
  private static final Readiness BY_PORT = new Readiness(Readiness.Kind.PORT, null, 1);

  static Contribution of(Situation situation, Subnet subnet) {
    var services = new TreeMap<String, List<RouteTable.Instance>>();
    var roles = new HashMap<String, Role>();
    situation
        .slots()
        .values()
        .forEach(
            slot -> {
              services.computeIfAbsent(slot.set().hostname(), _ -> new ArrayList<>());
              situation
                  .filling(slot.instance())
                  .filter(seen -> !(seen.phase() instanceof Phase.Created))
                  .ifPresent(
                      seen -> {
                        roles.put(seen.container(), slot.role());
                        add(services, situation, seen, slot.role(), slot.set().spec().readiness());
                      });
            });
    for (var seen : situation.surplus()) {
      leavingRole(situation, seen)
          .ifPresent(
              role -> {
                roles.put(seen.container(), role);
                add(services, situation, seen, role, BY_PORT);
              });
    }
    return new Contribution(environment(situation.wanted(), subnet, services), roles);
  }

  private static java.util.Optional<Role> leavingRole(Situation situation, Seen seen) {
    if (!seen.isRunning() || seen.labels().isJob()) {
      return java.util.Optional.empty();
    }
    return situation
        .leaving(seen)
        .flatMap(
            how ->
                switch (how) {
                  case Leaving.Held _ -> java.util.Optional.of(Role.CURRENT);
                  case Leaving.Draining _ -> java.util.Optional.of(Role.DRAINING);
                  case Leaving.Stopping _ -> java.util.Optional.empty();
                });
  }

  private static void add(
      Map<String, List<RouteTable.Instance>> services,
      Situation situation,
      Seen seen,
      Role role,
      Readiness readiness) {
    var labels = seen.labels();
    var host = probeHost(situation.wanted().endpoints(), labels.hostname());
    services
        .computeIfAbsent(labels.hostname(), _ -> new ArrayList<>())
        .add(
            new RouteTable.Instance(
                labels.instance(), seen.address(), labels.port(), role, readiness, host));
  }

  /// The first name under which it is published: apps answer only for names that they know.
  private static String probeHost(List<Endpoint> endpoints, String hostname) {
    return endpoints.stream()
        .filter(
            endpoint ->
                endpoint.routes().stream().anyMatch(route -> route.hostname().equals(hostname)))
        .map(Endpoint::host)
        .findFirst()
        .orElse(hostname);
  }

  private static RouteTable.Environment environment(
      EnvironmentDefinition wanted,
      Subnet subnet,
      Map<String, List<RouteTable.Instance>> services) {
    return new RouteTable.Environment(
        wanted.id(),
        wanted.name(),
        subnet.toString(),
        subnet.routerAddress(),
        services.entrySet().stream()
            .map(service -> new RouteTable.Service(service.getKey(), service.getValue()))
            .toList(),
        wanted.endpoints());
  }
}
