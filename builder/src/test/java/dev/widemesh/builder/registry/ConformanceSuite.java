package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.widemesh.api.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The program of the official suite, compiled of its own sources, from the proxy of Go modules,
/// and kept for the next time. Where it cannot be had the test is skipped, with the reason.
record ConformanceSuite(Path kept, Path work) {
  private static final String MODULE = "github.com/opencontainers/distribution-spec/conformance";
  private static final String VERSION = "v0.0.0-20260831232431-97274622c111";
  private static final String SUM = "h1:ppZPU0CrEPzyJhVggYwUIZrqh0w2lIT0esw+9ABNPA4=";
  private static final Map<String, String> SETTINGS =
      Map.of("CGO_ENABLED", "0", "GOFLAGS", "-modcacherw -buildvcs=false");

  private record Module(String dir, String sum) {}

  private record Said(int exitCode, String text) {}

  Path program() throws IOException, InterruptedException {
    var program = kept.resolve("oci-conformance-" + VERSION);
    if (!Files.isExecutable(program)) {
      Files.createDirectories(kept);
      var draft = work.resolve("conformance");
      compile(draft);
      Files.move(draft, program, StandardCopyOption.REPLACE_EXISTING);
    }
    return program;
  }

  private void compile(Path into) throws IOException, InterruptedException {
    var path = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1));
    assumeTrue(
        path.anyMatch(folder -> Files.isExecutable(Path.of(folder, "go"))),
        "there is no Go on this machine to compile the official suite with");
    var module = module();
    assertThat(module.sum()).isEqualTo(SUM);
    var sources = Path.of(module.dir());
    got(sources, "mod", "download");
    var made = go(sources, "build", "-mod=mod", "-trimpath", "-o", into.toString(), ".");
    assertThat(made.exitCode()).as(made.text()).isZero();
  }

  private Module module() throws IOException, InterruptedException {
    var told = Json.MAPPER.readTree(got(work, "mod", "download", "-json", MODULE + "@" + VERSION));
    return new Module(told.path("Dir").asText(), told.path("Sum").asText());
  }

  private String got(Path folder, String... argv) throws IOException, InterruptedException {
    var said = go(folder, argv);
    assumeTrue(said.exitCode() == 0, "the official suite cannot be had here: " + said.text());
    return said.text();
  }

  private Said go(Path folder, String... argv) throws IOException, InterruptedException {
    var said = Files.createTempFile(work, "go", ".out");
    var errors = Files.createTempFile(work, "go", ".err");
    var all = Stream.concat(Stream.of("go"), Stream.of(argv)).toList();
    var start = new ProcessBuilder(all).directory(folder.toFile());
    start.environment().putAll(SETTINGS);
    var process = start.redirectOutput(said.toFile()).redirectError(errors.toFile()).start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("it ends in time").isTrue();
      var files = process.exitValue() == 0 ? List.of(said) : List.of(said, errors);
      var text = new StringBuilder();
      for (var file : files) {
        text.append(Files.readString(file));
      }
      return new Said(process.exitValue(), text.toString());
    } finally {
      process.destroyForcibly();
    }
  }
}
