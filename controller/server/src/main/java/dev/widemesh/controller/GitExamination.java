package dev.widemesh.controller;

import dev.widemesh.api.GitWire;
import dev.widemesh.api.Survey;
import dev.widemesh.api.Views.Finding;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Compares the repositories with what their refs must be. Pure.
final class GitExamination {
  private static final String RESTART =
      "end the control process (./widemesh status names it): it is started again, and sets this"
          + " right";

  private final Findings findings = Findings.about("git-gateway");

  private GitExamination() {}

  static Set<Finding> of(Wanted wanted, Survey.Git survey) {
    var examination = new GitExamination();
    var stacks =
        wanted.stacks().stream()
            .collect(Collectors.toMap(GitWire.Projection::stackId, Function.identity()));
    var repositories = new HashMap<String, Survey.Repository>();
    survey.repositories().forEach(found -> repositories.put(found.stackId(), found));
    examination.strangers(stacks, repositories);
    stacks.forEach((id, stack) -> examination.compare(stack, repositories));
    survey.repositories().forEach(examination::state);
    for (var folder : survey.quarantine()) {
      examination.findings.add("the quarantine holds " + folder + ", which no push uses", RESTART);
    }
    return examination.findings.all();
  }

  private void strangers(
      Map<String, GitWire.Projection> stacks, Map<String, Survey.Repository> repositories) {
    for (var id : repositories.keySet()) {
      if (!stacks.containsKey(id)) {
        findings.add("there is a repository of stack " + id + ", which does not exist", RESTART);
      }
    }
  }

  /// Nothing was pushed to a stack without a repository.
  private void compare(GitWire.Projection stack, Map<String, Survey.Repository> repositories) {
    var repository = repositories.get(stack.stackId());
    if (repository == null) {
      if (stack.commit() != null || !stack.keep().isEmpty()) {
        findings.add(
            "stack " + stack.stackId() + " has deployments but no repository", "push to it again");
      }
      return;
    }
    var hidden = new TreeMap<String, String>();
    stack.keep().forEach(kept -> hidden.put(kept.ref(), kept.commit()));
    var branches = new TreeMap<String, String>();
    for (var ref : repository.refs().entrySet()) {
      if (isHidden(ref.getKey())) {
        compareHidden(stack, ref.getKey(), ref.getValue(), hidden);
      } else {
        branches.put(ref.getKey(), ref.getValue());
      }
    }
    hidden.keySet().stream()
        .filter(name -> !repository.refs().containsKey(name))
        .forEach(name -> findings.add(in(stack, name + " is missing"), RESTART));
    compareBranch(stack, branches);
  }

  private static boolean isHidden(String ref) {
    return ref.startsWith(GitWire.DEPLOYMENTS) || ref.startsWith(GitWire.UPLOADS);
  }

  private void compareHidden(
      GitWire.Projection stack, String name, String id, Map<String, String> wanted) {
    var commit = wanted.get(name);
    if (commit == null) {
      findings.add(in(stack, name + " belongs to no deployment that is kept"), RESTART);
    } else if (!commit.equals(id)) {
      findings.add(in(stack, name + " is " + id + " instead of " + commit), RESTART);
    }
  }

  private void compareBranch(GitWire.Projection stack, Map<String, String> branches) {
    var commit = stack.commit();
    if (commit == null) {
      branches
          .keySet()
          .forEach(name -> findings.add(in(stack, name + " moved, nothing is live"), RESTART));
    } else if (!branches.containsValue(commit)) {
      findings.add(in(stack, "the branch is " + branches + " instead of " + commit), RESTART);
    }
  }

  private void state(Survey.Repository repository) {
    for (var ref : repository.lost()) {
      findings.add(
          "repository %s: %s names what is not there".formatted(repository.stackId(), ref),
          "push that commit again");
    }
    for (var file : repository.leftovers()) {
      findings.add(
          "repository %s: %s is left of a write that broke off"
              .formatted(repository.stackId(), file),
          RESTART);
    }
  }

  private static String in(GitWire.Projection stack, String what) {
    return "repository " + stack.stackId() + ": " + what;
  }
}
