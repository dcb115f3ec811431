package dev.widemesh.model;

import java.util.Locale;

/// Where a deployment is: `queued → building → releasing → preparing → live`, or one of the ends
/// without success.
public enum DeploymentState {
  QUEUED,
  BUILDING,
  RELEASING,
  PREPARING,
  /// It went live. It stays in this state when a later one replaces it.
  LIVE,
  FAILED,
  CANCELLED,
  /// A newer push overtook it before it was built.
  SUPERSEDED;

  public boolean isFinal() {
    return switch (this) {
      case QUEUED, BUILDING, RELEASING, PREPARING -> false;
      case LIVE, FAILED, CANCELLED, SUPERSEDED -> true;
    };
  }

  /// As written in the database, in JSON and on the terminal.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static DeploymentState of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
