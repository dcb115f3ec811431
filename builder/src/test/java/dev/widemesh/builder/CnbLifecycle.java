package dev.widemesh.builder;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The lifecycle of the buildpacks project as builders have it, made of its own sources, which come
/// from the proxy of Go modules. Kept between test runs.
record CnbLifecycle(Path lifecycle, Path launcher) {
  static final String VERSION = "0.20.11";
  private static final String MODULE = "github.com/buildpacks/lifecycle@v" + VERSION;

  /// Ends the test as skipped where no Go is here to compile it.
  static CnbLifecycle get(Path cache) throws IOException, InterruptedException {
    var folder = cache.resolve("cnb-lifecycle-" + VERSION);
    var made = new CnbLifecycle(folder.resolve("lifecycle"), folder.resolve("launcher"));
    if (!Files.exists(made.launcher)) {
      assumeTrue(go(Path.of("/"), "version").isPresent(), "there is no Go on this machine");
      Files.createDirectories(folder);
      compile(folder);
    }
    return made;
  }

  private static void compile(Path folder) throws IOException, InterruptedException {
    var module = go(folder, "mod", "download", "-json", MODULE).orElseThrow();
    var sources = Path.of(Json.MAPPER.readTree(module).path("Dir").asText());
    for (var program : List.of("lifecycle", "launcher")) {
      var draft = folder.resolve(program + ".draft");
      var built = List.of("build", "-mod=mod", "-trimpath", "-o", "" + draft, "./cmd/" + program);
      var _ = go(sources, built.toArray(String[]::new)).orElseThrow();
      Files.move(draft, folder.resolve(program), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// What it says; nothing where it fails.
  private static Optional<String> go(Path folder, String... command)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("go"));
    words.addAll(List.of(command));
    var said = Files.createTempFile("go", ".out");
    try {
      var start = new ProcessBuilder(words).directory(folder.toFile());
      start.environment().put("CGO_ENABLED", "0");
      start.environment().put("GOFLAGS", "-modcacherw -buildvcs=false");
      var process =
          start
              .redirectOutput(said.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        var ended = process.waitFor(15, TimeUnit.MINUTES) && process.exitValue() == 0;
        return ended ? Optional.of(Files.readString(said)) : Optional.empty();
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException _) {
      return Optional.empty(); // there is no such program
    } finally {
      Files.delete(said);
    }
  }
}
