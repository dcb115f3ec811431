package dev.widemesh.controller;

import static dev.widemesh.controller.Tokens.at;

import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Json;
import dev.widemesh.model.DeploymentState;
import java.time.Instant;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// Moves a deployment from one state to the next, unless it has left that state already.
final class Transitions {
  private Transitions() {}

  /// Whether it was moved. `deadline` is that of the new state.
  static boolean move(
      Tx tx, Deployment from, DeploymentState to, Instant now, @Nullable Instant deadline) {
    return tx.change(
            """
            UPDATE deployment
               SET state = $3, state_since = $4, phases = $5, deadline = $6,
                   owner = NULL, lease = NULL
             WHERE id = $1 AND state = $2
            """,
            from.id(),
            from.state().word(),
            to.word(),
            at(now),
            phases(from, now),
            deadline == null ? null : at(deadline))
        == 1;
  }

  /// Gives the state that it is in until then.
  static void wait(Tx tx, Deployment in, Instant deadline) {
    tx.change(
        "UPDATE deployment SET deadline = $3 WHERE id = $1 AND state = $2",
        in.id(),
        in.state().word(),
        at(deadline));
  }

  /// To an end without success. Whatever it had on a rack leaves the definition.
  static boolean end(
      Tx tx, Deployment from, DeploymentState to, Instant now, @Nullable Cause cause) {
    if (!move(tx, from, to, now, null)) {
      return false;
    }
    tx.change(
        """
        UPDATE deployment SET finished = $2, failure = $3, announced = true WHERE id = $1
        """,
        from.id(),
        at(now),
        cause == null ? null : Json.write(cause));
    Counters.projection(tx);
    if (from.revision() > 0) {
      Counters.definition(tx, from.environmentId());
    }
    return true;
  }

  static String phases(Deployment from, Instant now) {
    var phases = new ArrayList<>(from.phases());
    var millis = Math.max(0, now.toEpochMilli() - from.since().toEpochMilli());
    phases.add(new DeploymentView.Phase(from.state().word(), millis));
    return Json.write(phases);
  }
}
