package dev.widemesh.cli;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class Use implements Command {
  @Parameters(
      arity = "0..1",
      paramLabel = "ENV[/STACK]",
      description = "From now on, where nothing else says so. Without: show what is in force.")
  @Nullable String place;

  @Option(names = "--clear", description = "Forget the choice.")
  boolean clear;

  @Mixin final Format format = new Format();

  private record InForce(
      @Nullable String environment,
      @Nullable String environmentFrom,
      @Nullable String stack,
      @Nullable String stackFrom) {}

  @Override
  public ExitCode run(Session mesh) throws IOException {
    if (clear) {
      Chosen.forget(mesh);
      mesh.say("Forgot the choice.");
    } else if (place == null) {
      show(mesh);
    } else {
      choose(mesh, place);
    }
    return ExitCode.OK;
  }

  private static void choose(Session mesh, String place) throws IOException {
    var parts = place.split("/", 2);
    Target.check(EnvironmentName.refusal(parts[0]));
    if (parts.length > 1) {
      Target.check(StackName.refusal(parts[1]));
    }
    new Chosen(parts[0], parts.length > 1 ? parts[1] : null).write(mesh);
    mesh.say("Using " + place + ".");
    var found = new Target().findEnvironment(mesh);
    if (found.isPresent() && !found.get().origin().equals("mesh use")) {
      mesh.note("Here %s comes first: %s.".formatted(found.get().origin(), found.get().name()));
    }
  }

  private void show(Session mesh) {
    var environment = new Target().findEnvironment(mesh);
    var stack = new Target().findStack(mesh);
    if (format.json) {
      mesh.terminal()
          .json(new InForce(name(environment), origin(environment), name(stack), origin(stack)));
      return;
    }
    new Facts()
        .add("Environment", shown(environment))
        .add("Stack", shown(stack))
        .print(mesh.terminal());
  }

  private static @Nullable String name(Optional<Target.Found> found) {
    return found.map(Target.Found::name).orElse(null);
  }

  private static @Nullable String origin(Optional<Target.Found> found) {
    return found.map(Target.Found::origin).orElse(null);
  }

  private static String shown(Optional<Target.Found> found) {
    return found.map(f -> "%s (%s)".formatted(f.name(), f.origin())).orElse("-");
  }
}
