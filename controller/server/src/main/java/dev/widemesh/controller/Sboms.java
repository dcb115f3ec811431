package dev.widemesh.controller;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.widemesh.api.BuildWire.Bill;
import dev.widemesh.api.Problem;
import java.time.Duration;

/// Says what software is in the image of a deployment: asked of the builder, which reads images.
final class Sboms {
  /// The builder answers sooner, if it does.
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private static final Duration COME_AGAIN = Duration.ofSeconds(3);

  private final Database database;
  private final Surveys surveys;

  Sboms(Database database, Surveys surveys) {
    this.database = database;
    this.surveys = surveys;
  }

  Answer get(Call call) {
    var image = database.call(tx -> image(Deployments.known(tx, call)));
    var asked = surveys.sbom(image);
    if (asked.isRefused()) {
      throw Refusal.busy(
          "sbom-under-way",
          "others wait for what is in their images",
          "ask again in some seconds",
          COME_AGAIN);
    }
    var bill =
        surveys
            .await(asked, PATIENCE)
            .orElseThrow(
                () ->
                    Refusal.unavailable(
                        "builder-silent",
                        "the builder, which reads images, does not answer",
                        "look at mesh status, and try again"));
    return Answer.of(new RawValue(document(call, bill)));
  }

  private static String image(Deployment deployment) {
    var built = deployment.built();
    if (built != null) {
      return built.image();
    }
    if (deployment.state().isFinal()) {
      throw Refusal.missing(
          "no-image",
          deployment.label() + " has no image: it ended before one was built",
          "choose another: mesh deployments ls");
    }
    throw Refusal.conflict(
        "no-image-yet",
        "%s has no image yet: it is %s".formatted(deployment.label(), deployment.state().word()),
        "wait for it: mesh deployments show %s --follow".formatted(deployment.label()));
  }

  private static String document(Call call, Bill bill) {
    var document = bill.document();
    if (document != null) {
      return document;
    }
    var problem = bill.problem();
    throw problem == null
        ? Refusal.unavailable("no-sbom", "the builder gave no answer", "try again")
        : refusal(call, problem);
  }

  private static Refusal refusal(Call call, Problem problem) {
    var next = problem.nextStep() == null ? "try again" : problem.nextStep();
    return switch (problem.code()) {
      case "image-collected" ->
          Refusal.missing(
              problem.code(),
              "the image of v%d is gone: only those that can be rolled back to are kept"
                  .formatted(call.version()),
              "deploy it again: git push, or mesh deploy --commit");
      case "sbom-under-way" -> Refusal.busy(problem.code(), problem.message(), next, COME_AGAIN);
      default -> Refusal.unavailable(problem.code(), problem.message(), next);
    };
  }
}
