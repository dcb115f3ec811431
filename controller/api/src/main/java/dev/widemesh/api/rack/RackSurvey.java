package dev.widemesh.api.rack;

import dev.widemesh.api.Survey.Disk;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What a rack really has: containers and networks as Docker lists them, rules as the kernel has
/// them, state as it lies on disk.
public record RackSurvey(
    List<String> troubles,
    Disk disk,
    Docker docker,
    List<Container> containers,
    List<Network> networks,
    List<Environment> environments,
    Map<String, List<String>> remembered,
    Table table,
    Rules rules) {
  public RackSurvey {
    troubles = List.copyOf(troubles);
    containers = List.copyOf(containers);
    networks = List.copyOf(networks);
    environments = List.copyOf(environments);
    remembered = Map.copyOf(remembered);
  }

  /// With `liveRestore` containers survive a restart of the daemon.
  public record Docker(String version, boolean liveRestore) {}

  /// Whatever bears the platform's label or name. Text that a label does not give is empty; `build`
  /// is a build's container.
  public record Container(
      String id,
      String name,
      String state,
      String address,
      String environment,
      String instance,
      String job,
      String build) {}

  /// `environment` is empty for one that is not labelled as an environment's.
  public record Network(String name, String environment) {}

  /// What the rack's own books say. `leases`: the container of each address in use. `making`: names
  /// of containers that may appear any moment. `leaving`: containers on their way out, and by when
  /// they should be further. `accounted`: instances of which the rack reports a state.
  public record Environment(
      String id,
      boolean gone,
      Map<String, String> leases,
      List<String> making,
      Map<String, Instant> leaving,
      List<String> accounted) {
    public Environment {
      leases = Map.copyOf(leases);
      making = List.copyOf(making);
      leaving = Map.copyOf(leaving);
      accounted = List.copyOf(accounted);
    }
  }

  /// The route table that routers are given, and what they say of it.
  public record Table(
      long revision, List<String> environments, List<Routed> instances, List<Router> routers) {
    public Table {
      environments = List.copyOf(environments);
      instances = List.copyOf(instances);
      routers = List.copyOf(routers);
    }
  }

  public record Routed(
      String environment, String instance, String address, int port, RouteTable.Role role) {}

  /// `instances` are those with a port that it routes by.
  public record Router(String id, long applied, List<String> instances) {
    public Router {
      instances = List.copyOf(instances);
    }
  }

  /// Of the firewall: what is not there, and what should not be.
  public record Rules(List<String> missing, List<String> strange) {
    public Rules {
      missing = List.copyOf(missing);
      strange = List.copyOf(strange);
    }
  }
}
