package dev.widemesh.controller;

import static dev.widemesh.controller.Tokens.at;

import dev.widemesh.api.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/// Every change that somebody asks for is a row first: who, what, on what, and how it ended.
final class Operations {
  private static final Duration LEASE = Duration.ofSeconds(60);
  // Deployments record these themselves, several times a second.
  private static final Set<Route> CHATTER =
      Set.of(
          Route.GIT_AUTHENTICATE,
          Route.GIT_AUTHORIZE,
          Route.CLAIM_BUILD,
          Route.BUILD_OUTPUT,
          Route.BUILD_SECRETS,
          Route.RACK_REPORT,
          Route.RACK_ANSWER,
          Route.GIT_SURVEY,
          Route.BUILD_SURVEY,
          Route.LOGIN_TRIAL,
          Route.SBOM_ANSWER,
          Route.RACK_SURVEY);

  private final Database database;

  Operations(Database database) {
    this.database = database;
  }

  Answer around(Call call, Supplier<Answer> work) {
    if ("GET".equals(call.route().method()) || CHATTER.contains(call.route())) {
      return work.get();
    }
    var id = UUID.randomUUID();
    begin(id, call);
    try {
      var answer = work.get();
      end(id, "done");
      return answer;
    } catch (Refusal refusal) {
      end(id, "refused: " + refusal.problem().code());
      throw refusal;
    }
  }

  private void begin(UUID id, Call call) {
    var path = call.context().normalizedPath();
    database.run(
        tx ->
            tx.change(
                """
                INSERT INTO operation (id, actor, action, target, cause, lease)
                VALUES ($1, $2, $3, $4, 'api', $5)
                """,
                id,
                call.caller().label(),
                call.route().name().toLowerCase(java.util.Locale.ROOT),
                path.length() > 400 ? path.substring(0, 400) : path,
                at(Instant.now().plus(LEASE))));
  }

  private void end(UUID id, String outcome) {
    database.run(
        tx ->
            tx.change(
                "UPDATE operation SET outcome = $2, finished = now() WHERE id = $1", id, outcome));
  }

  /// Those whose controller died in the middle: each was one transaction, so it is all there or not
  /// at all. Nobody but this controller, which begins just now, could still be at work.
  void sweep() {
    database.run(
        tx ->
            tx.change(
                """
                UPDATE operation SET outcome = 'interrupted', finished = now()
                 WHERE finished IS NULL
                """));
  }
}
