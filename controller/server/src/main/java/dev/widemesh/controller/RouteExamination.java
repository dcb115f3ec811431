package dev.widemesh.controller;

import dev.widemesh.api.Views.Finding;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackSurvey;
import dev.widemesh.api.rack.RackSurvey.Container;
import dev.widemesh.api.rack.RackSurvey.Routed;
import dev.widemesh.api.rack.RouteTable.Role;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Compares what a rack's routers route by with the containers there are, and with what should
/// serve. Pure.
final class RouteExamination {
  private static final String WAIT = "look again in a minute; then read the router's log";

  private final Findings findings;
  private final RackSurvey survey;
  private final List<EnvironmentDefinition> wanted;
  private final Map<String, Container> containers = new HashMap<>();

  private RouteExamination(String rack, List<EnvironmentDefinition> wanted, RackSurvey survey) {
    this.findings = Findings.about("routes of rack " + rack);
    this.survey = survey;
    this.wanted = wanted;
    for (var container : survey.containers()) {
      if (container.state().equals("running")) {
        containers.put(container.instance() + " " + container.address(), container);
      }
    }
  }

  static Set<Finding> of(String rack, List<EnvironmentDefinition> wanted, RackSurvey survey) {
    var examination = new RouteExamination(rack, wanted, survey);
    survey.table().instances().forEach(examination::backed);
    examination.environments();
    wanted.stream().filter(each -> !each.deleted()).forEach(examination::served);
    examination.routers();
    return examination.findings.all();
  }

  /// Whoever is sent requests is a container of that instance at that address.
  private void backed(Routed routed) {
    if (routed.port() > 0
        && routed.role() != Role.CANDIDATE
        && !containers.containsKey(routed.instance() + " " + routed.address())) {
      findings.add(
          "requests go to %s for instance %s, which does not run there"
              .formatted(routed.address(), routed.instance()),
          WAIT);
    }
  }

  private void environments() {
    var live =
        wanted.stream()
            .filter(each -> !each.deleted())
            .map(EnvironmentDefinition::id)
            .collect(Collectors.toSet());
    for (var environment : new TreeSet<>(survey.table().environments())) {
      if (!live.contains(environment)) {
        findings.add("environment " + environment + " is routed, but does not exist", WAIT);
      }
    }
    for (var environment : wanted) {
      if (!environment.deleted() && !survey.table().environments().contains(environment.id())) {
        findings.add("environment " + environment.name() + " is not routed", WAIT);
      }
    }
  }

  /// Every running instance of what is live takes requests, and of nothing else but what leaves.
  private void served(EnvironmentDefinition environment) {
    var current = new HashSet<String>();
    for (var routed : survey.table().instances()) {
      if (routed.environment().equals(environment.id()) && routed.role() == Role.CURRENT) {
        current.add(routed.instance());
      }
    }
    var running = containers.values().stream().map(Container::instance).collect(Collectors.toSet());
    for (var set : environment.current()) {
      for (var instance : instances(set)) {
        if (set.spec().port() > 0 && running.contains(instance) && !current.contains(instance)) {
          findings.add(
              "environment %s: instance %s runs but takes no requests"
                  .formatted(environment.name(), instance),
              WAIT);
        }
      }
    }
  }

  private static List<String> instances(InstanceSet set) {
    return java.util.stream.IntStream.rangeClosed(1, set.count()).mapToObj(set::instance).toList();
  }

  private void routers() {
    var table = survey.table();
    var known =
        table.instances().stream()
            .filter(routed -> routed.port() > 0)
            .map(Routed::instance)
            .collect(Collectors.toSet());
    for (var router : table.routers()) {
      if (router.applied() < table.revision()) {
        findings.add("router " + router.id() + " routes by an older table", WAIT);
      } else if (!known.equals(new HashSet<>(router.instances()))) {
        findings.add("router " + router.id() + " knows other instances than the table", WAIT);
      }
    }
  }
}
