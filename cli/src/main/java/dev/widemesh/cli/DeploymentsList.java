package dev.widemesh.cli;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Route;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Mixin;

final class DeploymentsList implements Command {
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var path = Route.LIST_DEPLOYMENTS.with(target.environment(mesh), target.stack(mesh));
    var deployments = mesh.controller().get(path, DeploymentView[].class);
    if (format.json) {
      mesh.terminal().json(deployments);
    } else if (deployments.length == 0) {
      mesh.note("No deployments yet. Make one: git push widemesh main");
    } else {
      print(mesh, deployments);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, DeploymentView[] deployments) {
    var table =
        Table.of("VERSION", "STATE", "CAUSE", "COMMIT", "AUTHOR", "AGE", "TOOK", "DESCRIPTION");
    for (var deployment : deployments) {
      table.row(cells(deployment));
    }
    table.print(mesh.terminal());
  }

  private static Table.Cell[] cells(DeploymentView deployment) {
    var now = Instant.now();
    var end = deployment.finished() == null ? now : deployment.finished();
    return new Table.Cell[] {
      Table.Cell.of(deployment.label()),
      state(deployment),
      Table.Cell.of(deployment.cause()),
      Table.Cell.of(Shown.commit(deployment.commit())),
      Table.Cell.of(Shown.orDash(deployment.author())),
      Table.Cell.of(Shown.age(deployment.created(), now)),
      Table.Cell.of(Shown.duration(Duration.between(deployment.created(), end))),
      Table.Cell.of(description(deployment))
    };
  }

  /// `live` is the one that serves; one that was live before is `replaced`.
  static Table.Cell state(DeploymentView deployment) {
    return deployment.state().equals("live") && !deployment.live()
        ? new Table.Cell("replaced", Colour.DIM)
        : Table.Cell.state(deployment.state());
  }

  private static String description(DeploymentView deployment) {
    var failure = deployment.failure();
    if (failure != null) {
      return failure.summary();
    }
    return Shown.line(
        deployment.description() == null ? deployment.message() : deployment.description());
  }
}
