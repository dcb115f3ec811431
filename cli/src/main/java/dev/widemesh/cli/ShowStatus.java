package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Rack;
import dev.widemesh.api.Views.Status;
import picocli.CommandLine.Mixin;

final class ShowStatus implements Command {
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var status = mesh.controller().get(Route.STATUS.path(), Status.class);
    if (format.json) {
      mesh.terminal().json(status);
    } else {
      print(mesh.terminal(), status);
    }
    return ExitCode.OK;
  }

  private static void print(Terminal terminal, Status status) {
    new Facts()
        .add("Controller", status.version())
        .add("Database", status.database() ? "connected" : "not connected")
        .add("Builder", status.builder() == null ? "none is connected" : status.builder())
        .print(terminal);
    terminal.say("");
    var table = Table.of("RACK", "STATE", "NODES", "ROUTERS");
    for (var rack : status.racks()) {
      table.row(
          Table.Cell.of(rack.name()),
          Table.Cell.state(state(rack)),
          Table.Cell.of(Shown.orDash(String.join(", ", rack.nodes()))),
          Table.Cell.of(Shown.orDash(String.join(", ", rack.routers()))));
    }
    table.print(terminal);
  }

  private static String state(Rack rack) {
    if (!rack.connected()) {
      return "not connected";
    }
    return rack.behind() ? "behind" : "connected";
  }
}
