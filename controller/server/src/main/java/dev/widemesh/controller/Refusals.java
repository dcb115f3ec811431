package dev.widemesh.controller;

import dev.widemesh.api.Problem;
import dev.widemesh.api.Route;
import io.vertx.pgclient.PgException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one place that turns exceptions into words and codes.
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  private Refusals() {}

  record Words(int status, Problem problem) {}

  static Words of(Route route, RuntimeException failure) {
    return switch (failure) {
      case Refusal refusal -> new Words(refusal.status(), refusal.problem());
      case DatabaseSilent silent -> silent(route, silent);
      case PgException e when "23505".equals(e.getSqlState()) -> crossed(e);
      default -> ours(route, failure);
    };
  }

  private static Words silent(Route route, DatabaseSilent silent) {
    log.warn("{}: {}", route, silent.getMessage());
    return new Words(
        503,
        new Problem(
            "database-silent",
            "the controller's database does not answer",
            "try again in a moment; running apps are not affected"));
  }

  private static Words crossed(PgException e) {
    return new Words(
        409,
        new Problem(
            "crossed",
            "somebody changed the same thing at the same moment (" + e.getConstraint() + ")",
            "look, and try again"));
  }

  private static Words ours(Route route, RuntimeException failure) {
    log.error("{} failed", route, failure);
    return new Words(
        500,
        new Problem(
            "internal", "the controller has a fault here", "look into its log, and report it"));
  }
}
