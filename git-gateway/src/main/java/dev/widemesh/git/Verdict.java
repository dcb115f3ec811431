package dev.widemesh.git;

import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.model.DeploymentState;

/// How a deployment ended, as far as this session could see.
sealed interface Verdict {
  record Live() implements Verdict {}

  /// It ended otherwise; `reason` is one line.
  record NotLive(String reason) implements Verdict {}

  /// It may still go live, but nobody can tell from here.
  record Unknown(String reason) implements Verdict {}

  static Verdict of(DeploymentView view) {
    return switch (DeploymentState.of(view.state())) {
      case LIVE -> new Live();
      case FAILED -> new NotLive(reason(view));
      case CANCELLED -> new NotLive(view.label() + " was cancelled");
      case SUPERSEDED -> new NotLive(view.label() + " was superseded by a newer push");
      case QUEUED, BUILDING, RELEASING, PREPARING -> unknown(view);
    };
  }

  /// git's status is an error then: it must not say that a deployment is live which is not.
  static Unknown unknown(DeploymentView view) {
    return new Unknown("outcome unknown: mesh deployments show " + view.label());
  }

  private static String reason(DeploymentView view) {
    Cause failure = view.failure();
    return failure == null ? view.label() + " failed" : failure.summary();
  }
}
