package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.AddKey;
import dev.widemesh.api.Views.SshKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class KeysAdd implements Command {
  private static final List<String> USUAL =
      List.of("id_ed25519.pub", "id_ecdsa.pub", "id_ed25519_sk.pub", "id_rsa.pub");

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description =
          "The public key; - for standard input. Default: ~/.ssh/id_ed25519.pub and such.")
  @Nullable String file;

  @Option(names = "--name", paramLabel = "NAME", description = "Default: the key's comment.")
  @Nullable String name;

  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var key = key(mesh);
    var shown = name != null ? name : key.comment().isBlank() ? "key" : key.comment();
    var added =
        mesh.controller()
            .send("POST", Route.ADD_KEY.path(), new AddKey(shown, key.line()), SshKey.class);
    if (format.json) {
      mesh.terminal().json(added);
    } else {
      mesh.say("Added key %s (%s).".formatted(added.name(), added.fingerprint()));
    }
    return ExitCode.OK;
  }

  private PublicKey key(Session mesh) throws IOException {
    if ("-".equals(file)) {
      var text = new String(mesh.terminal().in().readNBytes(64_000), StandardCharsets.UTF_8);
      return PublicKey.parse(text, "standard input");
    }
    return PublicKey.read(file != null ? mesh.path(file) : mesh.path(usual(mesh)));
  }

  private static String usual(Session mesh) {
    return USUAL.stream()
        .map(candidate -> "~/.ssh/" + candidate)
        .filter(candidate -> Files.exists(mesh.path(candidate)))
        .findFirst()
        .orElseThrow(
            () ->
                new Refusal(
                    ExitCode.LOCAL,
                    "there is no SSH key in ~/.ssh",
                    "make one: ssh-keygen -t ed25519, then mesh keys add"));
  }
}
