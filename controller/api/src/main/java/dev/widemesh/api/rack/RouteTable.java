package dev.widemesh.api.rack;

import java.util.List;

/// All that a router needs, whole and immutable; a newer `revision` replaces it. Pulled from the
/// rack-runner over its Unix socket: `GET /routes?after=<revision>` answers with a newer table, or
/// 204 after 20 s.
public record RouteTable(
    long revision, List<Environment> environments, List<RackMessage.Certificate> certificates) {
  public static final RouteTable EMPTY = new RouteTable(0, List.of(), List.of());

  public RouteTable {
    environments = List.copyOf(environments);
    certificates = List.copyOf(certificates);
  }

  /// `subnet` in CIDR form; `routerAddress` is ours in it: HTTP on 80 and DNS on 53 for this
  /// environment's own containers only.
  public record Environment(
      String id,
      String name,
      String subnet,
      String routerAddress,
      List<Service> services,
      List<EnvironmentDefinition.Endpoint> endpoints) {}

  /// `deployment` is for the logs.
  public record Service(String hostname, List<Instance> instances) {}

  /// `port` 0: takes no connections, is not probed. `probeHost` goes into an HTTP probe's Host.
  public record Instance(
      String id,
      String address,
      int port,
      Role role,
      InstanceSpec.Readiness readiness,
      String probeHost) {}

  public enum Role {
    /// Probed, takes no traffic yet.
    CANDIDATE,
    CURRENT,
    /// Finishes what it has. Reported `drained` once nothing is in flight.
    DRAINING
  }
}
