package dev.widemesh.cli;

import dev.widemesh.api.DeploymentView;
import java.io.IOException;
import picocli.CommandLine.Option;

/// Whether a command waits for the deployment that it made.
final class Detach {
  @Option(names = "--detach", description = "Do not wait for the deployment.")
  boolean detached;

  ExitCode end(Session mesh, DeploymentView deployment) throws IOException {
    if (!detached) {
      return Follow.of(mesh, deployment).untilOutcome();
    }
    mesh.say("Deployment " + deployment.label() + " is under way.");
    mesh.note("Watch it: mesh deployments show " + deployment.label() + " --follow");
    return ExitCode.OK;
  }
}
