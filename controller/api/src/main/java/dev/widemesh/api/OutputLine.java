package dev.widemesh.api;

import java.time.Instant;

/// One line of a deployment's output, live and recorded. `sequence` counts from 1 per deployment;
/// `phase` is the word of the [dev.widemesh.model.DeploymentState] it belongs to.
public record OutputLine(long sequence, Instant at, String phase, Kind kind, String text) {
  public enum Kind {
    STEP,
    DETAIL,
    REFUSAL
  }

  /// What a builder or a rack adds: the controller gives number and time.
  public record Draft(Kind kind, String text) {
    public static Draft step(String text) {
      return new Draft(Kind.STEP, text);
    }

    public static Draft detail(String text) {
      return new Draft(Kind.DETAIL, text);
    }

    public static Draft refusal(String text) {
      return new Draft(Kind.REFUSAL, text);
    }
  }

  /// As `git push` and `mesh` show it.
  public String render() {
    return switch (kind) {
      case STEP -> "-----> " + text;
      case DETAIL -> "       " + text;
      case REFUSAL -> " !     " + text;
    };
  }
}
