package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs a program of the host by its argv, never through a shell, with a deadline.
final class Command {
  private Command() {}

  /// Its exit code and what it printed, at most 1 MB of it.
  record Outcome(int exitCode, String output) {}

  static Outcome run(Duration limit, List<String> argv) throws IOException, InterruptedException {
    var process = new ProcessBuilder(argv).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var output = new StringBuilder();
    var reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (var in = process.getInputStream()) {
                    output.append(new String(in.readNBytes(1_000_000), StandardCharsets.UTF_8));
                    in.transferTo(java.io.OutputStream.nullOutputStream());
                  } catch (IOException e) {
                    output.append(e.getMessage());
                  }
                });
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new IOException(argv.getFirst() + " did not end within " + limit.toSeconds() + " s");
    }
    reader.join(Duration.ofSeconds(5));
    return new Outcome(process.exitValue(), output.toString().strip());
  }

  /// Its output; anything but exit code 0 throws with the last of it.
  static String must(Duration limit, List<String> argv) throws IOException, InterruptedException {
    var outcome = run(limit, argv);
    if (outcome.exitCode() != 0) {
      throw new IOException(
          "%s ended with %d: %s"
              .formatted(String.join(" ", argv), outcome.exitCode(), outcome.output()));
    }
    return outcome.output();
  }
}
