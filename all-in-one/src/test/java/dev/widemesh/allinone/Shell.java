package dev.widemesh.allinone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Runs a program as a person would, and keeps what it printed.
final class Shell {
  private Shell() {}

  /// What came of it. Output and errors are kept apart.
  record Result(int exitCode, String out, String err) {
    String all() {
      return out + err;
    }

    Result ok() {
      if (exitCode != 0) {
        throw new AssertionError("exit code " + exitCode + "\n" + all());
      }
      return this;
    }
  }

  /// What a program printed that succeeded, without the end of its line.
  static String printed(String... argv) {
    return run(Path.of("/"), Map.of(), List.of(argv)).ok().out().strip();
  }

  static Result run(Path folder, Map<String, String> environment, List<String> argv) {
    return run(folder, environment, argv, "");
  }

  /// With that on its standard input.
  static Result run(Path folder, Map<String, String> environment, List<String> argv, String typed) {
    return run(folder, environment, argv, typed, Duration.ofMinutes(5));
  }

  /// What takes longer than that is ended, and fails.
  static Result run(
      Path folder,
      Map<String, String> environment,
      List<String> argv,
      String typed,
      Duration limit) {
    try {
      var process = start(folder, environment, argv);
      try (var in = process.getOutputStream()) {
        in.write(typed.getBytes(StandardCharsets.UTF_8));
      }
      var out = inBackground(() -> text(process.getInputStream()));
      var err = inBackground(() -> text(process.getErrorStream()));
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still running after %s: %s".formatted(limit, argv));
      }
      return new Result(process.exitValue(), out.join(), err.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// On a thread of its own: the common pool has one thread on two cores.
  static <T> CompletableFuture<T> inBackground(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, Thread::startVirtualThread);
  }

  static Process start(Path folder, Map<String, String> environment, List<String> argv)
      throws IOException {
    var builder = new ProcessBuilder(argv).directory(folder.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /// With errors among the output.
  static Process startJoined(Path folder, List<String> argv) throws IOException {
    return new ProcessBuilder(argv).directory(folder.toFile()).redirectErrorStream(true).start();
  }

  private static String text(java.io.InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
