package dev.widemesh.cli;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.model.DeploymentState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

final class DeploymentsShow implements Command {
  @Option(
      names = {"-f", "--follow"},
      description = "Stay until its outcome, and exit by it.")
  boolean follow;

  @Mixin final DeploymentChoice choice = new DeploymentChoice();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var deployment = choice.get(mesh);
    if (format.json) {
      mesh.terminal().json(deployment);
      return ExitCode.OK;
    }
    facts(deployment).print(mesh.terminal());
    mesh.say("");
    if (follow) {
      return Follow.of(mesh, deployment).untilOutcome();
    }
    Follow.of(mesh, deployment).recorded();
    if (!DeploymentState.of(deployment.state()).isFinal()) {
      mesh.note("It goes on: mesh deployments show " + deployment.label() + " --follow");
    }
    return ExitCode.OK;
  }

  private static Facts facts(DeploymentView deployment) {
    var failure = deployment.failure();
    var phases =
        deployment.phases().stream()
            .map(p -> p.name() + " " + Shown.duration(Duration.ofMillis(p.millis())))
            .collect(Collectors.joining(", "));
    return new Facts()
        .add(
            "Deployment",
            "%s of %s/%s"
                .formatted(deployment.label(), deployment.environment(), deployment.stack()))
        .add("State", DeploymentsList.state(deployment).text())
        .add("Cause", cause(deployment))
        .add("Author", Shown.orDash(deployment.author()))
        .add("Commit", Shown.commit(deployment.commit()) + " " + Shown.line(deployment.message()))
        .add("Image", Shown.orDash(deployment.image()))
        .add("Configuration", String.valueOf(deployment.configVersion()))
        .add("URL", Shown.orDash(deployment.url()))
        .add("Begun", Shown.age(deployment.created(), Instant.now()) + " ago")
        .add("Phases", Shown.orDash(phases))
        .add("Failure", failure == null ? "-" : failure.summary());
  }

  private static String cause(DeploymentView deployment) {
    return deployment.description() == null
        ? deployment.cause()
        : deployment.cause() + ": " + Shown.line(deployment.description());
  }
}
