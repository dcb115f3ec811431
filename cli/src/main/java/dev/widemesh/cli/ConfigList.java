package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Config;
import picocli.CommandLine.Mixin;

final class ConfigList implements Command {
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var path = Route.GET_CONFIG.with(target.environment(mesh), target.stack(mesh));
    var config = mesh.controller().get(path, Config.class);
    if (format.json) {
      mesh.terminal().json(config);
    } else if (config.entries().isEmpty()) {
      mesh.note("No configuration yet. Set some: mesh config set NAME=value");
    } else {
      print(mesh, config);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, Config config) {
    var table = Table.of("NAME", "VALUE");
    for (var entry : config.entries()) {
      var value =
          entry.value() == null
              ? new Table.Cell("(secret)", Colour.DIM)
              : Table.Cell.of(entry.value());
      table.row(Table.Cell.of(entry.name()), value);
    }
    table.print(mesh.terminal());
  }
}
