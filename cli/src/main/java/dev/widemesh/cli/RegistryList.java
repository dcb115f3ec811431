package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Registry;
import java.time.Instant;
import picocli.CommandLine.Mixin;

final class RegistryList implements Command {
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var path = Route.LIST_REGISTRIES.with(target.environment(mesh));
    var registries = mesh.controller().get(path, Registry[].class);
    if (format.json) {
      mesh.terminal().json(registries);
    } else if (registries.length == 0) {
      mesh.note("No registry has credentials yet. Give some: mesh registry login HOST");
    } else {
      print(mesh, registries);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, Registry[] registries) {
    var table = Table.of("HOST", "USER", "AGE");
    for (var registry : registries) {
      table.row(registry.host(), registry.user(), Shown.age(registry.created(), Instant.now()));
    }
    table.print(mesh.terminal());
  }
}
