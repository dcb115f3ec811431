package dev.widemesh.cli;

import dev.widemesh.api.Route;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class EnvDelete implements Command {
  @Parameters(paramLabel = "NAME", description = "The environment. Always in full.")
  String name = "";

  @Mixin final Confirmation confirmation = new Confirmation();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var controller = mesh.controller();
    confirmation.ask(mesh, "environment", name);
    mesh.note("Deleting environment " + name + " ...");
    controller.delete(Route.DELETE_ENVIRONMENT.with(name));
    mesh.say("Deleted environment %s.".formatted(name));
    return ExitCode.OK;
  }
}
