package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Stack;
import picocli.CommandLine.Mixin;

final class StackList implements Command {
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var environment = target.environment(mesh);
    var stacks = mesh.controller().get(Route.LIST_STACKS.with(environment), Stack[].class);
    if (format.json) {
      mesh.terminal().json(stacks);
    } else if (stacks.length == 0) {
      mesh.note("No stacks in %s yet. Make one: mesh stack create NAME".formatted(environment));
    } else {
      print(mesh, stacks);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, Stack[] stacks) {
    var table = Table.of("NAME", "FORMULA", "BRANCH", "LIVE", "COMMIT", "URL");
    for (var stack : stacks) {
      table.row(
          stack.name(),
          stack.formula(),
          stack.branch(),
          Shown.orDash(stack.live()),
          Shown.commit(stack.commit()),
          Shown.orDash(stack.url()));
    }
    table.print(mesh.terminal());
  }
}
