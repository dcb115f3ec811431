package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What launches a service: a line for `/bin/sh -c`, or exactly these words.
record Command(@Nullable String shell, @Nullable List<String> argv) {
  static Command of(BuildWire.ProcessType process) {
    return new Command(process.command(), process.argv());
  }

  static Command ofShell(String line) {
    return new Command(line, null);
  }

  private static final String PROCESSES = "/cnb/process/";

  /// The whole argv, behind the image's entry point; but for a process that buildpacks defined,
  /// which is an entry point itself and would make its environment twice.
  List<String> words(List<String> entrypoint) {
    if (argv != null && argv.size() == 1 && argv.getFirst().startsWith(PROCESSES)) {
      return argv;
    }
    var words = new ArrayList<>(entrypoint);
    if (argv != null) {
      words.addAll(argv);
    } else if (shell != null) {
      words.addAll(List.of("/bin/sh", "-c", shell));
    }
    return words;
  }

  /// As people know it.
  String shown() {
    if (argv != null) {
      return String.join(" ", argv);
    }
    return shell == null ? "" : shell;
  }
}
