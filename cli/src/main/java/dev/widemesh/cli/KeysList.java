package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.SshKey;
import java.time.Instant;
import picocli.CommandLine.Mixin;

final class KeysList implements Command {
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var keys = mesh.controller().get(Route.LIST_KEYS.path(), SshKey[].class);
    if (format.json) {
      mesh.terminal().json(keys);
    } else if (keys.length == 0) {
      mesh.note("No keys yet. Add yours: mesh keys add");
    } else {
      print(mesh, keys);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, SshKey[] keys) {
    var table = Table.of("NAME", "FINGERPRINT", "AGE");
    for (var key : keys) {
      table.row(key.name(), key.fingerprint(), Shown.age(key.created(), Instant.now()));
    }
    table.print(mesh.terminal());
  }
}
