package dev.widemesh.cli;

import java.io.IOException;
import picocli.CommandLine.Option;

/// Asks for the name of what is about to be gone for good.
final class Confirmation {
  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask; needed where nobody can be asked.")
  boolean yes;

  void ask(Session mesh, String what, String name) throws IOException {
    if (yes) {
      return;
    }
    if (!mesh.terminal().talks()) {
      throw Refusal.usage("deleting %s %s needs a confirmation".formatted(what, name), "add --yes");
    }
    mesh.note("This deletes the %s %s with all it holds, for good.".formatted(what, name));
    if (!mesh.terminal().ask("Type its name to go on:").equals(name)) {
      throw Refusal.usage("that is not its name: nothing was deleted", "run it again");
    }
  }
}
