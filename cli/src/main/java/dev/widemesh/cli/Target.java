package dev.widemesh.cli;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Finds the environment and the stack that a command is about, each for itself, the first of:
/// option, variable, git remote, `mesh use`.
final class Target {
  @Option(
      names = {"-e", "--env"},
      paramLabel = "ENV",
      description = "The environment. Else MESH_ENV, the git remote 'widemesh', or mesh use.")
  @Nullable String env;

  @Option(
      names = {"-s", "--stack"},
      paramLabel = "STACK",
      description = "The stack. Else MESH_STACK, the git remote 'widemesh', or mesh use.")
  @Nullable String stack;

  /// A name, and where it came from.
  record Found(String name, String origin) {}

  /// The stack only where it was asked for in so many words.
  Optional<String> stackOption() {
    return Optional.ofNullable(stack).map(Target::checkedStack);
  }

  String environment(Session session) {
    return findEnvironment(session)
        .map(found -> checkedEnvironment(found.name()))
        .orElseThrow(
            () ->
                Refusal.usage(
                    "which environment?",
                    "add -e ENV, or choose one for good: mesh use ENV/STACK"));
  }

  String stack(Session session) {
    return findStack(session)
        .map(found -> checkedStack(found.name()))
        .orElseThrow(
            () ->
                Refusal.usage(
                    "which stack?", "add -s STACK, or choose one for good: mesh use ENV/STACK"));
  }

  Optional<Found> findEnvironment(Session session) {
    return found(env, "--env")
        .or(() -> session.variable("MESH_ENV").map(name -> new Found(name, "MESH_ENV")))
        .or(() -> remote(session).map(place -> new Found(place.environment(), "git remote")))
        .or(
            () ->
                Chosen.read(session).chosenEnvironment().map(name -> new Found(name, "mesh use")));
  }

  Optional<Found> findStack(Session session) {
    return found(stack, "--stack")
        .or(() -> session.variable("MESH_STACK").map(name -> new Found(name, "MESH_STACK")))
        .or(() -> remote(session).map(place -> new Found(place.stack(), "git remote")))
        .or(() -> Chosen.read(session).chosenStack().map(name -> new Found(name, "mesh use")));
  }

  private static Optional<Found> found(@Nullable String option, String origin) {
    return Optional.ofNullable(option).map(name -> new Found(name, origin));
  }

  private static Optional<Place> remote(Session session) {
    return session.repository().remote().flatMap(StackRemote::parse).map(StackRemote::place);
  }

  private static String checkedEnvironment(String name) {
    Target.check(EnvironmentName.refusal(name));
    return name;
  }

  static String checkedStack(String name) {
    Target.check(StackName.refusal(name));
    return name;
  }

  /// Throws where there is a reason to refuse what was typed.
  static void check(Optional<String> refusal) {
    check(refusal, "choose another name");
  }

  static void check(Optional<String> refusal, String nextStep) {
    if (refusal.isPresent()) {
      throw Refusal.usage(refusal.get(), nextStep);
    }
  }
}
