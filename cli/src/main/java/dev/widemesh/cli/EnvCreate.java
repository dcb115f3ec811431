package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.CreateEnvironment;
import dev.widemesh.api.Views.Environment;
import dev.widemesh.model.EnvironmentName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class EnvCreate implements Command {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Unique on the platform. Default: a name is made up.")
  @Nullable String name;

  @Option(names = "--rack", paramLabel = "RACK", description = "The servers that host it.")
  @Nullable String rack;

  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    if (name != null) {
      Target.check(EnvironmentName.refusal(name));
    }
    var made =
        mesh.controller()
            .send(
                "POST",
                Route.CREATE_ENVIRONMENT.path(),
                new CreateEnvironment(name, rack),
                Environment.class);
    if (format.json) {
      mesh.terminal().json(made);
    } else {
      mesh.say("Made environment %s on rack %s.".formatted(made.name(), made.rack()));
      mesh.note("Next, in your repository: mesh stack create NAME -e " + made.name());
    }
    return ExitCode.OK;
  }
}
