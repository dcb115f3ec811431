package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Stack;
import dev.widemesh.api.Views.UpdateStack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class StackUpdate implements Command {
  static final String ROOT =
      "The folder of the repository that is the app, such as services/api; . is all of it.";

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The stack; same as --stack.")
  @Nullable String name;

  @Option(names = "--root", paramLabel = "DIR", description = ROOT)
  @Nullable String root;

  @ArgGroup StackCreate.@Nullable Formula formula;

  @Mixin final StageOption stage = new StageOption();
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var word = formula == null ? null : formula.word();
    var file = formula == null ? null : formula.path();
    var staged = stage.chosen(formula != null && formula.isBuildpack());
    var change = new UpdateStack(word, root, file, staged);
    if (change.equals(new UpdateStack(null, null, null, null))) {
      throw Refusal.usage("what is to change?", "mesh stack update --help");
    }
    var stack = name == null ? target.stack(mesh) : Target.checkedStack(name);
    var path = Route.UPDATE_STACK.with(target.environment(mesh), stack);
    var updated = mesh.controller().send("PATCH", path, change, Stack.class);
    if (format.json) {
      mesh.terminal().json(updated);
    } else {
      mesh.say("Updated stack %s.".formatted(updated.name()));
      mesh.note("It holds from the next build on: git push, or mesh deploy");
    }
    return ExitCode.OK;
  }
}
