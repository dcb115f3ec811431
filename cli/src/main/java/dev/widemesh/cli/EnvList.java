package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Environment;
import java.time.Instant;
import picocli.CommandLine.Mixin;

final class EnvList implements Command {
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var found = mesh.controller().get(Route.LIST_ENVIRONMENTS.path(), Environment[].class);
    if (format.json) {
      mesh.terminal().json(found);
    } else if (found.length == 0) {
      mesh.note("No environments yet. Make one: mesh env create NAME");
    } else {
      print(mesh, found);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, Environment[] found) {
    var table = Table.of("NAME", "RACK", "STACKS", "AGE", "ALIAS");
    for (var each : found) {
      table.row(
          each.name(),
          each.rack(),
          String.valueOf(each.stacks()),
          Shown.age(each.created(), Instant.now()),
          each.url() == null ? each.alias() : each.url());
    }
    table.print(mesh.terminal());
  }
}
