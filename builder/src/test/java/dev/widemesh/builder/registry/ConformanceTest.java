package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.RunningRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The official suite against a registry of its own, read and write.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class ConformanceTest {
  private static final Path CACHE =
      Path.of(System.getProperty("java.io.tmpdir"), "widemesh-test-cache");

  @TempDir private Path folder;

  @Test
  void the_official_suite_finds_no_failure() throws Exception {
    var suite = new ConformanceSuite(CACHE, folder).program().toString();
    var output = folder.resolve("output");
    try (var running = RunningRegistry.in(folder.resolve("store"))) {
      var builder = new ProcessBuilder(suite).directory(folder.toFile()).redirectErrorStream(true);
      builder.environment().putAll(settings(running.registry().address()));
      var process = builder.redirectOutput(output.toFile()).start();
      try {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("it ended").isTrue();
      } finally {
        process.destroyForcibly();
      }
      var said = Files.readString(output);
      assertThat(process.exitValue()).as(said).isZero();
      assertThat(said).contains("OCI Conformance Result: Pass");
    }
  }

  private static Map<String, String> settings(String address) {
    return Map.ofEntries(
        Map.entry("OCI_REGISTRY", address),
        Map.entry("OCI_TLS", "disabled"),
        Map.entry("OCI_REPO1", "conformance/one"),
        Map.entry("OCI_REPO2", "conformance/two"),
        Map.entry("OCI_USERNAME", RunningRegistry.MANAGER),
        Map.entry("OCI_PASSWORD", RunningRegistry.PASSWORD));
  }
}
