package dev.widemesh.controller;

import dev.widemesh.api.Views.Finding;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackSurvey;
import dev.widemesh.api.rack.RackSurvey.Container;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Compares one rack's containers, networks, addresses and rules with the definitions that it was
/// given. Pure.
final class RackExamination {
  private static final String WAIT = "look again in a minute; then read the rack-runner's log";

  private final Findings findings;
  private final RackSurvey survey;
  private final Instant now;
  private final Map<String, EnvironmentDefinition> wanted = new TreeMap<>();
  private final Map<String, RackSurvey.Environment> books = new HashMap<>();

  private RackExamination(
      String rack, List<EnvironmentDefinition> wanted, RackSurvey survey, Instant now) {
    this.findings = Findings.about("rack " + rack);
    this.survey = survey;
    this.now = now;
    wanted.forEach(environment -> this.wanted.put(environment.id(), environment));
    survey.environments().forEach(environment -> books.put(environment.id(), environment));
  }

  static Set<Finding> of(
      String rack, List<EnvironmentDefinition> wanted, RackSurvey survey, Instant now) {
    var examination = new RackExamination(rack, wanted, survey, now);
    examination.containers();
    examination.instances();
    examination.networks();
    examination.addresses();
    examination.memories();
    examination.rules();
    return examination.findings.all();
  }

  private void containers() {
    var filled = new HashMap<String, String>();
    for (var container : survey.containers()) {
      if (!container.build().isEmpty() || leaves(container)) {
        continue;
      }
      if (!isWanted(container)) {
        findings.add(
            "container " + container.name() + " belongs to nothing that is wanted",
            "docker rm -f " + container.name());
      } else if (!container.instance().isEmpty()) {
        var other = filled.put(container.instance(), container.name());
        if (other != null) {
          findings.add(
              "containers %s and %s are the same instance".formatted(other, container.name()),
              WAIT);
        }
      }
    }
  }

  private boolean leaves(Container container) {
    var book = books.get(container.environment());
    var until = book == null ? null : book.leaving().get(container.id());
    return until != null && until.isAfter(now);
  }

  private boolean isWanted(Container container) {
    var environment = wanted.get(container.environment());
    if (environment == null || environment.deleted()) {
      return false;
    }
    return container.job().isEmpty()
        ? instances(environment).contains(container.instance())
        : environment.jobs().stream().anyMatch(job -> job.id().equals(container.job()));
  }

  /// Of the sets that run and of those that are being started.
  private static Set<String> instances(EnvironmentDefinition environment) {
    var ids = new HashSet<String>(current(environment));
    environment.candidate().forEach(set -> add(ids, set));
    return ids;
  }

  private static Set<String> current(EnvironmentDefinition environment) {
    var ids = new HashSet<String>();
    environment.current().forEach(set -> add(ids, set));
    return ids;
  }

  private static void add(Set<String> ids, InstanceSet set) {
    for (var index = 1; index <= set.count(); index++) {
      ids.add(set.instance(index));
    }
  }

  /// Each runs, or the rack says why not.
  private void instances() {
    var there = new HashSet<String>();
    survey.containers().forEach(container -> there.add(container.instance()));
    for (var environment : wanted.values()) {
      var book = books.get(environment.id());
      if (environment.deleted()) {
        continue;
      }
      for (var instance : current(environment)) {
        var accounted = book != null && book.accounted().contains(instance);
        if (!there.contains(instance) && !accounted) {
          findings.add(
              "environment %s: instance %s does not run, and nothing says why"
                  .formatted(environment.name(), instance),
              WAIT);
        }
      }
    }
  }

  private void networks() {
    var there = new HashSet<String>();
    for (var network : survey.networks()) {
      var environment = network.environment();
      if (!wanted.containsKey(environment) || !there.add(environment)) {
        findings.add(
            "network " + network.name() + " belongs to no environment",
            "docker network rm " + network.name());
      }
    }
    for (var environment : wanted.values()) {
      if (!environment.deleted() && !there.contains(environment.id())) {
        findings.add("environment " + environment.name() + " has no network", WAIT);
      }
    }
  }

  private void addresses() {
    var names = new HashSet<String>();
    survey.containers().forEach(container -> names.add(container.name()));
    for (var book : survey.environments()) {
      book.leases()
          .forEach(
              (address, container) -> {
                if (!names.contains(container) && !book.making().contains(container)) {
                  findings.add(
                      "address %s is held for %s, which does not exist"
                          .formatted(address, container),
                      WAIT);
                }
              });
    }
    for (var container : survey.containers()) {
      var book = books.get(container.environment());
      if (book == null || container.address().isEmpty()) {
        continue;
      }
      var holder = book.leases().get(container.address());
      if (!container.name().equals(holder)) {
        findings.add(
            "container %s has the address %s, which was given to %s"
                .formatted(
                    container.name(), container.address(), holder == null ? "nobody" : holder),
            WAIT);
      }
    }
  }

  private void memories() {
    survey
        .remembered()
        .forEach(
            (environment, what) -> {
              if (!wanted.containsKey(environment)) {
                findings.add(
                    "the rack keeps %s of environment %s, which does not exist"
                        .formatted(String.join(", ", what), environment),
                    WAIT);
              }
            });
  }

  private void rules() {
    for (var rule : survey.rules().missing()) {
      findings.add(
          "the firewall lacks: " + rule,
          "it is written again within 30 s; find out who removes it");
    }
    for (var rule : survey.rules().strange()) {
      findings.add(
          "the firewall has in our chains: " + rule, "it goes within 30 s; find out who adds it");
    }
  }
}
