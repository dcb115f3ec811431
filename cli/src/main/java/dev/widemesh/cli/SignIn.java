package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Account;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Option;

final class SignIn implements Command {
  @Option(
      names = "--api",
      paramLabel = "URL",
      description = "The controller. Default: ${DEFAULT-VALUE}")
  String api = "http://127.0.0.1:7070";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Better from standard input: others may see a command line.")
  String token = "";

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var login = new Login(api, token.isEmpty() ? asked(mesh) : token);
    var account = login.client().get(Route.WHOAMI.path(), Account.class);
    var file = Login.file(mesh);
    login.write(file);
    mesh.say("Signed in as %s at %s.".formatted(account.name(), api));
    mesh.note("Stored in " + file);
    return ExitCode.OK;
  }

  private static String asked(Session mesh) throws IOException {
    var typed =
        mesh.terminal().talks()
            ? mesh.terminal().askSecretly("Token:")
            : new String(mesh.terminal().in().readNBytes(4096), StandardCharsets.UTF_8).strip();
    if (typed.isEmpty()) {
      throw Refusal.usage("there is no token", "mesh login --api URL < file-with-the-token");
    }
    return typed;
  }
}
