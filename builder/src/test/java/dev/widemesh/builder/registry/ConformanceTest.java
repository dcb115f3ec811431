package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/// The official suite, of any release since 1.1, against a registry of its own. It is no part of
/// this repository: `OCI_CONFORMANCE` names its program.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class ConformanceTest {
  private static final String SUITE = "OCI_CONFORMANCE";

  @TempDir private Path folder;

  @Test
  void the_official_suite_finds_no_failure() throws Exception {
    var suite = System.getenv(SUITE);
    assumeTrue(suite != null, "the official suite is not here: name its program in " + SUITE);
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
      assertThat(said).containsAnyOf("SUCCESS!", "OCI Conformance Result: Pass");
    }
  }

  /// Those of 1.1.1, then those since.
  private static Map<String, String> settings(String address) {
    return Map.ofEntries(
        Map.entry("OCI_ROOT_URL", "http://" + address),
        Map.entry("OCI_NAMESPACE", "conformance/one"),
        Map.entry("OCI_CROSSMOUNT_NAMESPACE", "conformance/two"),
        Map.entry("OCI_AUTOMATIC_CROSSMOUNT", "1"),
        Map.entry("OCI_TEST_PULL", "1"),
        Map.entry("OCI_TEST_PUSH", "1"),
        Map.entry("OCI_TEST_CONTENT_DISCOVERY", "1"),
        Map.entry("OCI_TEST_CONTENT_MANAGEMENT", "1"),
        Map.entry("OCI_HIDE_SKIPPED_WORKFLOWS", "0"),
        Map.entry("OCI_REGISTRY", address),
        Map.entry("OCI_TLS", "disabled"),
        Map.entry("OCI_REPO1", "conformance/one"),
        Map.entry("OCI_REPO2", "conformance/two"),
        Map.entry("OCI_USERNAME", RunningRegistry.MANAGER),
        Map.entry("OCI_PASSWORD", RunningRegistry.PASSWORD));
  }
}
