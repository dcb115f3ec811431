package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.SshKey;
import dev.widemesh.model.Nearest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import picocli.CommandLine.Parameters;

final class KeysRemove implements Command {
  @Parameters(
      paramLabel = "KEY",
      description = "Its file, its name, or its fingerprint (SHA256:...).")
  String key = "";

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var controller = mesh.controller();
    var found = find(mesh, List.of(controller.get(Route.LIST_KEYS.path(), SshKey[].class)));
    controller.delete(Route.DELETE_KEY.with(found.fingerprint()));
    mesh.say("Removed key %s (%s).".formatted(found.name(), found.fingerprint()));
    return ExitCode.OK;
  }

  private SshKey find(Session mesh, List<SshKey> keys) throws IOException {
    var file = mesh.path(key);
    var wanted = Files.isRegularFile(file) ? PublicKey.read(file).fingerprint() : key;
    var found =
        keys.stream()
            .filter(known -> wanted.equals(known.fingerprint()) || wanted.equals(known.name()))
            .toList();
    if (found.size() > 1) {
      throw Refusal.usage("several keys are named " + key, "give the fingerprint: mesh keys ls");
    }
    return found.stream().findFirst().orElseThrow(() -> unknown(keys));
  }

  private Refusal unknown(List<SshKey> keys) {
    var nearest = Nearest.to(key, keys.stream().map(SshKey::name).toList());
    return new Refusal(
        ExitCode.NOT_FOUND,
        "there is no key '%s'".formatted(key),
        nearest.map(name -> "mesh keys rm '%s'".formatted(name)).orElse("mesh keys ls"));
  }
}
