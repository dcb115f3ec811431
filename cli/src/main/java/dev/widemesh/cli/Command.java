package dev.widemesh.cli;

import java.io.IOException;

/// One command, its fields filled in from the command line.
interface Command {
  ExitCode run(Session mesh) throws IOException;

  /// What stood after `--`. Refused unless the command runs programs.
  default void program(java.util.List<String> argv) {
    throw Refusal.usage("nothing may follow '--' here", "leave out: " + String.join(" ", argv));
  }
}
