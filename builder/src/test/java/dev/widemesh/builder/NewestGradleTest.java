package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Gradle's own newest, which only its own site has; see [GradleTest] for what is to be had
/// everywhere.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
@EnabledIf(value = "answers", disabledReason = "services.gradle.org cannot be reached from here")
class NewestGradleTest {
  private static final URI SITE = URI.create("https://services.gradle.org/distributions/");

  @TempDir static Path folder;

  static boolean answers() throws InterruptedException {
    try (var http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build()) {
      http.send(
          HttpRequest.newBuilder(SITE).timeout(Duration.ofSeconds(20)).build(),
          BodyHandlers.discarding());
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"web, hello from java, 2", "kotlin, hello from kotlin on java 21, 2"})
  @Tag("BLD-1")
  void the_wrapper_names_gradle_and_the_app_answers(String fixture, String answer, int libraries)
      throws Exception {
    try (var workshop = new Workshop(folder)) {
      var job = workshop.job(fixture, workshop.checkout("gradle/fixture/" + fixture));
      var built = workshop.build(job);

      assertThat(workshop.output(job))
          .contains("Gradle 9.5.1: distributionUrl in gradle/wrapper/gradle-wrapper.properties")
          .contains("Java 21: the toolchain of build.gradle")
          .contains("Task :installDist")
          .contains(libraries + " libraries in the layer dependencies");
      try (var app = workshop.run(built)) {
        assertThat(app.get("/").body()).contains(answer);
      }
    }
  }
}
