package dev.widemesh.controller;

import dev.widemesh.api.Survey;
import dev.widemesh.api.Views.Finding;
import dev.widemesh.api.rack.RackSurvey;
import java.util.List;
import java.util.Set;

/// Compares the builder's folders and containers with the builds there are. Pure.
final class BuildExamination {
  private static final String RESTART =
      "end the control process (./widemesh status names it): it is started again, and sweeps";

  private BuildExamination() {}

  static Set<Finding> of(Wanted wanted, Survey.Build survey) {
    var findings = Findings.about("builder");
    for (var build : wanted.building()) {
      if (!survey.builds().contains(build)) {
        findings.add(
            "deployment " + build + " is being built, but not by this builder",
            "wait: its lease ends within 30 s, then it is built again");
      }
    }
    for (var folder : survey.folders()) {
      findings.add("the work folder " + folder + " belongs to no build", RESTART);
    }
    for (var leftover : survey.leftovers()) {
      findings.add(leftover + " is of a Dockerfile build that ended", RESTART);
    }
    for (var upload : survey.uploads()) {
      findings.add("the registry holds " + upload + ", half a blob of no upload", RESTART);
    }
    return findings.all();
  }

  /// Containers of builds run on the racks' Docker.
  static Set<Finding> containers(Survey.Build survey, List<RackSurvey.Container> containers) {
    var findings = Findings.about("builder");
    for (var container : containers) {
      if (!container.build().isEmpty() && !survey.builds().contains(container.build())) {
        findings.add(
            "container " + container.name() + " is of a build that ended",
            "docker rm -f " + container.name());
      }
    }
    return findings.all();
  }
}
