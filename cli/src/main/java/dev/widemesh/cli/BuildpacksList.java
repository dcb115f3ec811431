package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Buildpacks;
import picocli.CommandLine.Mixin;

final class BuildpacksList implements Command {
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var path = Route.GET_BUILDPACKS.with(target.environment(mesh), target.stack(mesh));
    var buildpacks = mesh.controller().get(path, Buildpacks.class);
    if (format.json) {
      mesh.terminal().json(buildpacks);
    } else {
      print(mesh, buildpacks);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, Buildpacks buildpacks) {
    if (buildpacks.references().isEmpty()) {
      mesh.note("The platform's own buildpacks are asked. Others: mesh stack buildpacks add REF");
    } else {
      print(mesh.terminal(), buildpacks);
    }
  }

  static void print(Terminal terminal, Buildpacks buildpacks) {
    var table = Table.of("BUILDPACK", "LIVE", "COMMIT", "DIGEST");
    for (var reference : buildpacks.references()) {
      var live = buildpacks.live().stream().filter(used -> used.from().equals(reference)).toList();
      table.row(
          reference,
          Shown.orDash(
              String.join(
                  ", ", live.stream().map(used -> used.id() + " " + used.version()).toList())),
          Shown.commit(live.isEmpty() ? null : live.getFirst().commit()),
          Shown.orDash(live.isEmpty() ? "" : live.getFirst().digest()));
    }
    table.print(terminal);
  }
}
