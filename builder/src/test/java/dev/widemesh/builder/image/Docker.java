package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The machine's own engine, through its command line and a login that ends with the test.
public record Docker(Path config) {
  public record Result(int status, String output) {}

  public static Docker loggedIn(Path config, String registry, String user, String password)
      throws IOException, InterruptedException {
    var docker = new Docker(config);
    assertThat(docker.run("login", "-u", user, "-p", password, registry).status).isZero();
    return docker;
  }

  public String succeed(String... command) throws IOException, InterruptedException {
    var result = run(command);
    assertThat(result.status).as(result.output).isZero();
    return result.output;
  }

  public Result run(String... command) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("docker", "--config", config.toString()));
    words.addAll(List.of(command));
    var output = Files.createTempFile("docker", ".out");
    var process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("docker answers in time").isTrue();
      return new Result(
          process.exitValue(), Files.readString(output, StandardCharsets.UTF_8).strip());
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
