package dev.widemesh.controller;

import dev.widemesh.api.GitWire;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.model.DeploymentState;
import io.vertx.sqlclient.Row;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a deployment is built with. What was chosen for it is in its row from the start, what else
/// its stack says is added when a builder takes it first: one that takes it again, since the first
/// was lost, gets the same. `formula` is nothing until the stack has one, `builder` where the
/// platform builds by itself.
record Recipe(
    @Nullable String formula,
    String root,
    String dockerfile,
    String stage,
    List<String> buildpacks,
    @Nullable String builder) {
  Recipe {
    buildpacks = List.copyOf(buildpacks);
  }

  /// What was chosen with a push that is just being queued; refused where its stack cannot be built
  /// so. The stack stays as it is until that built something.
  static void choose(Tx tx, UUID deployment, UUID stack, GitWire.Choices choices) {
    var stage = new StageChoice(choices.formula(), choices.stage());
    var formula = stage.formula(tx, stack, "mesh deploy --stack %s");
    var named = choices.buildpacks();
    tx.change(
        """
        UPDATE deployment SET root = $2, formula = $3, formula_chosen = $3::text IS NOT NULL,
                              dockerfile = $4, stage = $5, buildpacks = $6,
                              keeps_buildpacks = $6::text[] IS NOT NULL
         WHERE id = $1
        """,
        deployment,
        choices.root(),
        formula,
        choices.dockerfile(),
        choices.stage(),
        named == null ? null : Buildpacks.checked(tx, stack, named).toArray(String[]::new));
    if (named == null) {
      inherit(tx, deployment);
    }
  }

  /// The list that came with one which waits still, and which this one is about to overtake. One
  /// that is built without buildpacks only passes it on to what overtakes it in turn.
  static void inherit(Tx tx, UUID deployment) {
    tx.change(
        """
        UPDATE deployment d
           SET buildpacks = o.buildpacks, keeps_buildpacks = true, inherits_buildpacks = true
          FROM (SELECT q.buildpacks FROM deployment q JOIN deployment n ON n.stack = q.stack
                 WHERE n.id = $1 AND q.id <> $1 AND q.state = 'queued' AND q.keeps_buildpacks
                   AND NOT q.cancel
                 ORDER BY q.version DESC LIMIT 1
                   FOR UPDATE OF q) o
         WHERE d.id = $1
        """,
        deployment);
  }

  /// Of one that a builder takes.
  static Recipe settle(Tx tx, UUID deployment) {
    dropInherited(tx, deployment);
    tx.change(
        """
        UPDATE deployment d
           SET formula = coalesce(d.formula, s.formula), root = coalesce(d.root, s.root),
               dockerfile = coalesce(d.dockerfile, s.dockerfile),
               stage = coalesce(d.stage, s.stage),
               builder = CASE WHEN d.buildpacks IS NULL THEN s.builder END,
               buildpacks = coalesce(d.buildpacks, s.buildpacks), settled = true
          FROM stack s
         WHERE d.id = $1 AND s.id = d.stack AND NOT d.settled
        """,
        deployment);
    return tx.one(
            """
            SELECT formula, root, dockerfile, stage, buildpacks, builder
              FROM deployment WHERE id = $1
            """,
            deployment)
        .map(Recipe::of)
        .orElseThrow();
  }

  /// An inherited list goes neither with what its stack says by now nor with what is built without
  /// buildpacks. Nobody chose it for this deployment, so its output says so.
  private static void dropInherited(Tx tx, UUID deployment) {
    tx.one(
            """
            SELECT d.buildpacks FROM deployment d JOIN stack s ON s.id = d.stack
             WHERE d.id = $1 AND NOT d.settled AND d.inherits_buildpacks AND d.keeps_buildpacks
               AND (s.builder IS NOT NULL OR d.origin IS NOT NULL
                    OR 'dockerfile' IN (d.formula, s.formula))
            """,
            deployment)
        .ifPresent(
            row -> {
              tx.change(
                  """
                  UPDATE deployment SET buildpacks = NULL, keeps_buildpacks = false WHERE id = $1
                  """,
                  deployment);
              Output.add(tx, deployment, DeploymentState.BUILDING, dropped(row));
            });
  }

  private static Draft dropped(Row list) {
    return Draft.detail(
        "Built without the buildpacks of the deployment that it overtook: "
            + String.join(" ", list.getArrayOfStrings(0)));
  }

  private static Recipe of(Row row) {
    return new Recipe(
        row.getString("formula"),
        row.getString("root"),
        Stacks.dockerfile(row.getString("dockerfile")),
        row.getString("stage"),
        List.of(row.getArrayOfStrings("buildpacks")),
        row.getString("builder"));
  }

  /// What of it is the stack's from now on, for it built something with that formula: a list that
  /// came with it, and the first formula, but for a Dockerfile's where buildpacks or a builder were
  /// named meanwhile.
  static void keep(Tx tx, UUID deployment, String formula) {
    tx.change(
        """
        UPDATE stack s SET buildpacks = d.buildpacks
          FROM deployment d
         WHERE d.id = $1 AND s.id = d.stack AND d.keeps_buildpacks AND $2::text = 'buildpack'
           AND s.formula IS DISTINCT FROM 'dockerfile' AND s.builder IS NULL
        """,
        deployment,
        formula);
    tx.change(
        """
        UPDATE stack s SET formula = coalesce(s.formula, $2)
          FROM deployment d
         WHERE d.id = $1 AND s.id = d.stack AND d.origin IS NULL AND NOT d.formula_chosen
           AND ($2 <> 'dockerfile' OR (cardinality(s.buildpacks) = 0 AND s.builder IS NULL))
        """,
        deployment,
        formula);
  }

  /// Somebody names buildpacks for the stack: what came with a deployment before is no longer the
  /// newest word, and what only overtook that one is built with the new list.
  static void forgetBuildpacks(Tx tx, UUID stack) {
    tx.change(
        """
        UPDATE deployment
           SET keeps_buildpacks = false,
               buildpacks = CASE WHEN settled OR NOT inherits_buildpacks THEN buildpacks END
         WHERE stack = $1 AND keeps_buildpacks
        """,
        stack);
  }
}
