package dev.widemesh.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program that has ended: its status and all it printed.
record Ran(int status, String output) {
  private static final int LIMIT_SECONDS = 30;

  static Ran run(Path folder, Map<String, String> environment, List<String> command) {
    return run(folder, environment, new byte[0], command);
  }

  static Ran run(Path folder, Map<String, String> environment, byte[] input, List<String> command) {
    try {
      var output = Files.createTempFile("ran", ".out");
      try {
        return finish(start(folder, environment, output, command), input, output, command);
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Ran finish(Process process, byte[] input, Path output, List<String> command)
      throws IOException, InterruptedException {
    try (var stdin = process.getOutputStream()) {
      stdin.write(input);
    }
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("%s did not end; so far: %s".formatted(command, read(output)));
    }
    return new Ran(process.exitValue(), read(output));
  }

  static Process start(
      Path folder, Map<String, String> environment, Path output, List<String> command)
      throws IOException {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  Ran ok() {
    if (status != 0) {
      throw new AssertionError("status " + status + ": " + output);
    }
    return this;
  }
}
