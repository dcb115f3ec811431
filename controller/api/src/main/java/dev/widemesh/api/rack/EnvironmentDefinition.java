package dev.widemesh.api.rack;

import java.util.List;

/// All that should be so in one environment on one rack: whole, never a difference.
///
/// `current` sets take traffic; `candidate` sets are started beside them and take none. What is in
/// neither is drained, stopped and removed. A `deleted` environment goes with its network; the rack
/// then reports it `gone`.
public record EnvironmentDefinition(
    String id,
    String name,
    long revision,
    boolean deleted,
    List<InstanceSet> current,
    List<InstanceSet> candidate,
    List<Job> jobs,
    List<Endpoint> endpoints) {
  public EnvironmentDefinition {
    current = List.copyOf(current);
    candidate = List.copyOf(candidate);
    jobs = List.copyOf(jobs);
    endpoints = List.copyOf(endpoints);
  }

  /// Runs once, however often it is seen (the container carries the id), and is kept until it left
  /// the definition. `deadlineSeconds` from its start.
  public record Job(
      String id,
      String stack,
      String name,
      String deployment,
      InstanceSpec spec,
      long deadlineSeconds) {}

  /// A host name and what is published there, longest prefix first.
  public record Endpoint(String host, List<PathRoute> routes) {
    public Endpoint {
      routes = List.copyOf(routes);
    }
  }

  /// `hostname` names the service ([InstanceSet#hostname]). `prefix` starts with `/` and matches
  /// whole segments.
  public record PathRoute(String prefix, boolean strip, String hostname) {}
}
