package dev.widemesh.cli;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Route;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class DeploymentsCancel implements Command {
  @Parameters(paramLabel = "vN", converter = Version.class, description = "The version, e.g. v3.")
  int version;

  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var path =
        Route.CANCEL_DEPLOYMENT.with(
            target.environment(mesh), target.stack(mesh), String.valueOf(version));
    var cancelled = mesh.controller().send("POST", path, Map.of(), DeploymentView.class);
    if (format.json) {
      mesh.terminal().json(cancelled);
    } else {
      mesh.say("Cancelled deployment %s.".formatted(cancelled.label()));
    }
    return ExitCode.OK;
  }
}
