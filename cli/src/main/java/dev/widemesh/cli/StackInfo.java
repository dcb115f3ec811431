package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Stack;
import java.time.Instant;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class StackInfo implements Command {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The stack; same as --stack.")
  @Nullable String name;

  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var environment = target.environment(mesh);
    var wanted = name == null ? target.stack(mesh) : Target.checkedStack(name);
    var stack = mesh.controller().get(Route.GET_STACK.with(environment, wanted), Stack.class);
    if (format.json) {
      mesh.terminal().json(stack);
    } else {
      print(mesh, stack);
    }
    return ExitCode.OK;
  }

  private static String formula(Stack stack) {
    var more = new ArrayList<String>();
    if (!stack.dockerfile().equals("Dockerfile") && !stack.formula().equals("buildpack")) {
      more.add(stack.dockerfile());
    }
    var stage = stack.stage();
    if (stage != null && !stage.isEmpty()) {
      more.add("target " + stage);
    }
    return more.isEmpty()
        ? stack.formula()
        : "%s (%s)".formatted(stack.formula(), String.join(", ", more));
  }

  private static void print(Session mesh, Stack stack) {
    new Facts()
        .add("Stack", stack.environment() + "/" + stack.name())
        .add("Live", Shown.orDash(stack.live()))
        .add("URL", Shown.orDash(stack.url()))
        .add("Commit", Shown.orDash(stack.commit()))
        .add("Formula", formula(stack))
        .add("Builder", Shown.orDash(stack.builder()))
        .add("Branch", stack.branch())
        .add("Root", Shown.orDash(stack.root()))
        .add("Remote", stack.remote())
        .add("Release command", Shown.orDash(stack.releaseCommand()))
        .add("Age", Shown.age(stack.created(), Instant.now()))
        .print(mesh.terminal());
  }
}
