package dev.widemesh.cli;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Route;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The deployment that a command is about.
final class DeploymentChoice {
  @Parameters(
      arity = "0..1",
      paramLabel = "vN",
      converter = Version.class,
      description = "The version, e.g. v3. Default: the newest.")
  @Nullable Integer version;

  @Mixin final Target target = new Target();

  DeploymentView get(Session mesh) {
    var environment = target.environment(mesh);
    var stack = target.stack(mesh);
    if (version != null) {
      var path = Route.GET_DEPLOYMENT.with(environment, stack, version.toString());
      return mesh.controller().get(path, DeploymentView.class);
    }
    var all =
        mesh.controller()
            .get(Route.LIST_DEPLOYMENTS.with(environment, stack), DeploymentView[].class);
    if (all.length == 0) {
      throw new Refusal(
          ExitCode.NOT_FOUND, stack + " has no deployments yet", "git push widemesh main");
    }
    return all[0];
  }
}
