package dev.widemesh.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Where a test calls `mesh`: a home, a working directory, variables, and perhaps a terminal.
final class Shell {
  record Result(ExitCode code, String out, String err) {}

  final Path home;
  final Path directory;
  final Map<String, String> variables = new HashMap<>();
  String typed = "";
  int width = Integer.MAX_VALUE;
  boolean colours;
  boolean talks;

  Shell(Path root) throws IOException {
    home = Files.createDirectories(root.resolve("home"));
    directory = Files.createDirectories(root.resolve("shop"));
    variables.put("HOME", home.toString());
    variables.put("PATH", System.getenv("PATH"));
    variables.put("GIT_CONFIG_GLOBAL", "/dev/null");
    variables.put("GIT_CEILING_DIRECTORIES", root.toString());
  }

  Shell signedInAt(FakeController controller) {
    variables.put("MESH_API", controller.url());
    variables.put("MESH_TOKEN", "secret-token");
    return this;
  }

  Shell in(String environment, String stack) {
    variables.put("MESH_ENV", environment);
    variables.put("MESH_STACK", stack);
    return this;
  }

  /// For what is smaller than a command.
  Session session() {
    var nowhere = stream(new ByteArrayOutputStream());
    var terminal = Terminal.plain(new ByteArrayInputStream(new byte[0]), nowhere, nowhere);
    return new Session(terminal, variables, directory);
  }

  Result mesh(String... args) {
    return mesh(directory, args);
  }

  /// Standing elsewhere.
  Result mesh(Path directory, String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var in = new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8));
    var terminal = new Terminal(in, stream(out), stream(err), width, colours, talks);
    var code = Mesh.run(new Session(terminal, variables, directory), List.of(args));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  /// Runs a real program in the working directory and returns what it printed.
  String program(String... command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(variables);
    var process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + text);
    }
    return text.strip();
  }
}
