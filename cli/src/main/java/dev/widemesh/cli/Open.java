package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Environment;
import dev.widemesh.api.Views.Stack;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Mixin;

final class Open implements Command {
  @Mixin final Target target = new Target();

  @Override
  public ExitCode run(Session mesh) {
    var environment = target.environment(mesh);
    var stack = target.findStack(mesh);
    var url =
        stack.isPresent()
            ? ofStack(mesh, environment, stack.get().name())
            : ofEnvironment(mesh, environment);
    mesh.say(
        url.orElseThrow(
            () ->
                new Refusal(
                    ExitCode.NOT_FOUND,
                    "nothing is published in " + environment + " yet",
                    "git push widemesh main, with a process named 'web'")));
    return ExitCode.OK;
  }

  private static Optional<String> ofStack(Session mesh, String environment, String stack) {
    var path = Route.GET_STACK.with(environment, Target.checkedStack(stack));
    return Optional.ofNullable(mesh.controller().get(path, Stack.class).url());
  }

  private static Optional<String> ofEnvironment(Session mesh, String environment) {
    var all = mesh.controller().get(Route.LIST_ENVIRONMENTS.path(), Environment[].class);
    return Arrays.stream(all)
        .filter(each -> each.name().equals(environment))
        .map(Environment::url)
        .filter(Objects::nonNull)
        .findFirst();
  }
}
