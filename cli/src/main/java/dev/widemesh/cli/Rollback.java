package dev.widemesh.cli;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class Rollback implements Command {
  @Parameters(
      arity = "0..1",
      paramLabel = "vN",
      converter = Version.class,
      description = "Default: the live deployment before the one that serves.")
  @Nullable Integer version;

  @Mixin final Detach detach = new Detach();
  @Mixin final Target target = new Target();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var path = Route.ROLLBACK.with(target.environment(mesh), target.stack(mesh));
    var deployment =
        mesh.controller().send("POST", path, new Views.Rollback(version), DeploymentView.class);
    return detach.end(mesh, deployment);
  }
}
