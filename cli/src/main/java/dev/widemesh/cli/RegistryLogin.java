package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.LogInToRegistry;
import dev.widemesh.api.Views.Registry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The password is no option: others may see a command line, and shells remember it.
final class RegistryLogin implements Command {
  private static final int LONGEST = 10_000;
  private static final String BY_PIPE =
      "mesh registry login HOST --user USER --password-stdin < file-with-the-password";

  @Parameters(
      paramLabel = "HOST",
      description = "The registry: ghcr.io, registry.example.com:5000; docker.io is Docker Hub.")
  String host = "";

  @Option(
      names = {"-u", "--user", "--username"},
      paramLabel = "USER",
      description = "Who you are there. Asked for where it is not given.")
  String user = "";

  @Option(
      names = "--password-stdin",
      description = "Take the password, or access token, from standard input.")
  boolean passwordStdin;

  @Mixin final Target target = new Target();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var environment = target.environment(mesh);
    var login = new LogInToRegistry(user(mesh), password(mesh));
    var path = Route.LOG_IN_TO_REGISTRY.with(environment, host);
    var registry = mesh.controller().send("PUT", path, login, Registry.class);
    mesh.say(
        "Dockerfiles of %s can use what %s may pull from %s."
            .formatted(environment, registry.user(), registry.host()));
    return ExitCode.OK;
  }

  private String user(Session mesh) throws IOException {
    var typed = user.isEmpty() && mesh.terminal().talks() ? mesh.terminal().ask("User:") : user;
    if (typed.isEmpty()) {
      throw Refusal.usage("there is no user", BY_PIPE);
    }
    return typed;
  }

  private String password(Session mesh) throws IOException {
    var password = passwordStdin ? input(mesh) : asked(mesh);
    if (password.isEmpty()) {
      throw Refusal.usage("there is no password", BY_PIPE);
    }
    return password;
  }

  private static String asked(Session mesh) throws IOException {
    return mesh.terminal().talks() ? mesh.terminal().askSecretly("Password:") : "";
  }

  private static String input(Session mesh) throws IOException {
    var bytes = mesh.terminal().in().readNBytes(LONGEST + 1);
    if (bytes.length > LONGEST) {
      throw Refusal.usage("the password is over 10 kB", "is it the right file?");
    }
    return new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", "");
  }
}
