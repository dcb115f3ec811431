package dev.widemesh.controller;

import dev.widemesh.api.Survey;
import dev.widemesh.api.Views.Finding;
import dev.widemesh.api.rack.RackSurvey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Whether a part answers, and can work. Pure.
final class HealthExamination {
  private static final long ENOUGH_BYTES = 2_000_000_000L;

  private HealthExamination() {}

  static Set<Finding> silent(String part) {
    var findings = Findings.about(part);
    findings.add("it does not answer", "look at ./widemesh status, and at its log");
    return findings.all();
  }

  static Set<Finding> git(Survey.Git survey) {
    return general("git-gateway", survey.troubles(), survey.disk());
  }

  static Set<Finding> builds(Survey.Build survey) {
    var found = new HashSet<>(general("builder", survey.troubles(), survey.disk()));
    if (!survey.basesMade()) {
      found.add(
          new Finding(
              "builder",
              "the base images are not made yet",
              "wait; when it takes over 15 minutes, look at the server's network"));
    }
    return found;
  }

  static Set<Finding> rack(String rack, RackSurvey survey) {
    var part = "rack " + rack;
    var found = new HashSet<>(general(part, survey.troubles(), survey.disk()));
    if (survey.table().routers().isEmpty()) {
      found.add(new Finding(part, "no router answers there", "look at ./widemesh status"));
    }
    return found;
  }

  static Set<Finding> behind(String rack) {
    var findings = Findings.about("rack " + rack);
    findings.add("it has not taken up all that it was told", "look at the rack-runner's log");
    return findings.all();
  }

  /// Nothing is wrong, but could become so.
  static Set<Finding> advice(String rack, RackSurvey survey) {
    var findings = Findings.about("rack " + rack);
    if (!survey.docker().version().isEmpty() && !survey.docker().liveRestore()) {
      findings.add(
          "a restart of Docker stops every app there",
          "write {\"live-restore\": true} into /etc/docker/daemon.json, and reload Docker");
    }
    return findings.all();
  }

  private static Set<Finding> general(String part, List<String> troubles, Survey.Disk disk) {
    var findings = Findings.about(part);
    troubles.forEach(trouble -> findings.add(trouble, "look at its log"));
    if (disk.freeBytes() < Math.max(ENOUGH_BYTES, disk.totalBytes() / 20)) {
      findings.add(
          "the disk of %s is nearly full".formatted(disk.path()), "free some space there: df -h");
    }
    return findings.all();
  }
}
