package dev.widemesh.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The program `./widemesh` beside `mesh`, for what is done on the platform's own machine and needs
/// no controller.
record Operator(List<String> argv) {
  Operator {
    argv = List.copyOf(argv);
  }

  static Operator of(String command, String file) {
    return new Operator(List.of(command, file));
  }

  Operator with(String... more) {
    var longer = new ArrayList<>(argv);
    longer.addAll(List.of(more));
    return new Operator(longer);
  }

  Operator withIf(boolean wanted, String option) {
    return wanted ? with(option) : this;
  }

  /// In the person's terminal; what it has to say it says itself.
  ExitCode run(Session mesh) throws IOException {
    var program = Path.of(System.getProperty("mesh.home", "."), "widemesh").toAbsolutePath();
    if (!Files.isExecutable(program)) {
      throw new Refusal(
          ExitCode.LOCAL,
          "this is done on the platform's machine, where ./widemesh is",
          "there: ./widemesh " + String.join(" ", argv));
    }
    var line = new ArrayList<String>();
    line.add(program.toString());
    line.addAll(argv);
    var process = new ProcessBuilder(line).directory(mesh.directory().toFile()).inheritIO().start();
    try {
      return switch (process.waitFor()) {
        case 0 -> ExitCode.OK;
        case 3 -> ExitCode.INCOMPLETE;
        default -> ExitCode.LOCAL;
      };
    } catch (InterruptedException _) {
      process.destroy();
      Thread.currentThread().interrupt();
      return ExitCode.LOCAL;
    }
  }
}
