package dev.widemesh.controller;

import dev.widemesh.model.TargetStage;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Somebody names a stage of the Dockerfile, for a stack or for one deployment: with it goes the
/// formula. What is `null` is not said.
record StageChoice(@Nullable String formula, @Nullable String stage) {
  static @Nullable String checked(@Nullable String text) {
    if (text == null) {
      return null;
    }
    TargetStage.refusal(text)
        .ifPresent(
            words -> {
              throw Refusal.bad("bad-stage", words, "write it like build, or 1");
            });
    return new TargetStage(text).value();
  }

  /// The formula that it comes to, refused where that has no stages. `command` is to be given in
  /// full instead.
  @Nullable String formula(Tx tx, UUID stack, String command) {
    if (stage == null || stage.isEmpty()) {
      return formula;
    }
    var row =
        tx.one(
                """
                SELECT name, formula, cardinality(buildpacks) > 0 OR builder IS NOT NULL
                  FROM stack WHERE id = $1 FOR UPDATE
                """,
                stack)
            .orElseThrow();
    var known = Optional.ofNullable(row.getString(1)).orElse(row.getBoolean(2) ? "buildpack" : "");
    if ("buildpack".equals(formula == null ? known : formula)) {
      throw Refusal.conflict(
          "built-with-buildpacks",
          "stack '%s' is built with buildpacks, and stages are a Dockerfile's"
              .formatted(row.getString(0)),
          "%s --dockerfile --target %s".formatted(command.formatted(row.getString(0)), stage));
    }
    return "dockerfile";
  }
}
