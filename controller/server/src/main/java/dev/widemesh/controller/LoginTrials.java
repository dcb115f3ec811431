package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.BuildWire.RegistryLogin;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/// Logins that are being tried at their registries. One that hangs is in nobody else's way: each
/// environment has one at a time, and whoever finds no room is told so at once.
///
/// Belongs to the controller's context, whose code runs one at a time between two waits.
final class LoginTrials {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration COME_AGAIN = Duration.ofSeconds(10);

  private final Surveys surveys;
  private final Set<String> underWay = new HashSet<>();

  LoginTrials(Surveys surveys) {
    this.surveys = surveys;
  }

  /// Returns when the registry took the login.
  void pass(String environment, RegistryLogin login) {
    enter(environment);
    try {
      judge(login);
    } finally {
      underWay.remove(environment);
    }
  }

  private void enter(String environment) {
    if (underWay.contains(environment)) {
      throw Refusal.conflict(
          "login-under-way",
          "another login of this environment is being tried at its registry",
          "wait until that one ends, %d s at most".formatted(PATIENCE.toSeconds()));
    }
    if (underWay.size() >= BuildWire.TRIALS) {
      throw Refusal.busy(
          "too-many-logins",
          "%d logins are being tried at their registries, no more at once"
              .formatted(BuildWire.TRIALS),
          "try again in %d s".formatted(COME_AGAIN.toSeconds()),
          COME_AGAIN);
    }
    underWay.add(environment);
  }

  private void judge(RegistryLogin login) {
    var trial =
        surveys
            .await(surveys.login(login), PATIENCE)
            .orElseThrow(
                () ->
                    Refusal.unavailable(
                        "builder-silent",
                        "the builder, which tries the login, does not answer",
                        "look at mesh status, and try again"));
    var problem = trial.problem();
    if (problem != null) {
      throw Refusal.bad(problem.code(), problem.message(), problem.nextStep());
    }
  }
}
