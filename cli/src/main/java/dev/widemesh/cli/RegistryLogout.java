package dev.widemesh.cli;

import dev.widemesh.api.Route;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class RegistryLogout implements Command {
  @Parameters(paramLabel = "HOST", description = "The registry, as mesh registry ls shows it.")
  String host = "";

  @Mixin final Target target = new Target();

  @Override
  public ExitCode run(Session mesh) {
    var environment = target.environment(mesh);
    mesh.controller().delete(Route.LOG_OUT_OF_REGISTRY.with(environment, host));
    mesh.say("%s has no credentials for %s any more.".formatted(environment, host));
    return ExitCode.OK;
  }
}
