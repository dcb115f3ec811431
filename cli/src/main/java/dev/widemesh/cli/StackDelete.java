package dev.widemesh.cli;

import dev.widemesh.api.Route;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class StackDelete implements Command {
  @Parameters(paramLabel = "NAME", description = "The stack. Always in full.")
  String name = "";

  @Mixin final Target target = new Target();
  @Mixin final Confirmation confirmation = new Confirmation();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var environment = target.environment(mesh);
    var controller = mesh.controller();
    confirmation.ask(mesh, "stack", name);
    mesh.note("Deleting stack %s/%s ...".formatted(environment, name));
    controller.delete(Route.DELETE_STACK.with(environment, name));
    mesh.say("Deleted stack %s/%s.".formatted(environment, name));
    return ExitCode.OK;
  }
}
