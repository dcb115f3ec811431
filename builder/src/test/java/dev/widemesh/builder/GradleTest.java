package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import dev.widemesh.builder.debian.DebianGradle;
import dev.widemesh.builder.image.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Apps that Gradle builds: Debian's, which is old but to be had everywhere, as the distribution
/// that lies in the repository. See [NewestGradleTest] for Gradle's own.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GradleTest {
  private static final String STACK = "gradle";
  private static final String MAIN = "src/main/java/web/Main.java";
  private static final String SCRIPT =
      """
      plugins { id 'application' }
      repositories { mavenCentral() }
      dependencies { implementation 'com.google.code.gson:gson:2.11.0' }
      sourceCompatibility = '17'
      mainClassName = 'web.Main'
      """;

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, GradleTest::checkout);

  @Test
  @Tag("BLD-1")
  @Tag("BLD-9")
  void an_app_answers_and_a_changed_line_fetches_nothing_and_moves_only_itself(
      Workshop workshop, Job first, Built built) throws Exception {
    assertThat(built.processes())
        .containsExactly(new ProcessType("web", null, List.of("build/install/web/bin/web")));
    assertThat(workshop.output(first))
        .contains("Gradle 4.4.1: distributionUrl in gradle/wrapper/gradle-wrapper.properties")
        .contains("Java 17: build.gradle compiles for Java 17")
        .contains("Task :installDist (the plugin application is applied; choose others with")
        .contains("that the cache did not have")
        .contains("2 libraries in the layer dependencies");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).contains("\"hello from java\"").contains("\"java\":17");
      assertThat(app.exec("ls", "-l", "/workspace/build/install/web/lib/"))
          .contains(
              "-> /layers/widemesh_gradle/dependencies/build/install/web/lib/gson-2.11.0.jar");
      assertThat(app.exec("ls", "/layers/widemesh_gradle")).doesNotContain("jdk", "gradle");
      assertThat(
              app.exec("ls", "-A", "/workspace", "/workspace/gradle/wrapper", "/workspace/build"))
          .doesNotContain("\n.gradle\n", ".zip", "tmp");
    }

    var checkout = checkout(workshop);
    Workshop.replace(checkout.resolve(MAIN), "hello from java", "bye from java");
    var second = workshop.job(STACK, checkout, Optional.of(built));
    var start = System.nanoTime();
    var changed = workshop.build(second);
    var took = Duration.ofNanos(System.nanoTime() - start);

    assertThat(workshop.output(second))
        .contains("OpenJDK 17 (reused)", "Gradle 4.4.1 (reused)")
        .contains("Dependencies from the cache: nothing fetched")
        .contains("Layers reused: dependencies, jre")
        .containsPattern("Moved \\d+ kB in 1 of 4 layers");
    assertThat(took).as("a one-line change").isLessThan(Duration.ofSeconds(40));
    try (var app = workshop.run(changed)) {
      assertThat(app.get("/").body()).contains("bye from java");
    }
  }

  @Test
  @Tag("DEP-12")
  void what_does_not_compile_is_named_with_its_line(Workshop workshop) throws Exception {
    var checkout = checkout(workshop);
    Workshop.replace(checkout.resolve(MAIN), "server.start();", "server.begin();");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .startsWith("does not compile: src/main/java/web/Main.java:23: cannot find symbol");
  }

  @Test
  @Tag("DEP-12")
  void a_distribution_that_is_not_what_its_checksum_says_is_refused(Workshop workshop)
      throws Exception {
    var checkout = checkout(workshop);
    var properties = checkout.resolve("gradle/wrapper/gradle-wrapper.properties");
    Files.writeString(
        properties,
        "\ndistributionSha256Sum=" + "0".repeat(64) + "\n",
        java.nio.file.StandardOpenOption.APPEND);

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .isEqualTo("gradle-4.4.1-bin.zip is not what its checksum says (sha256 000000000000...)");
    assertThat(cause.nextStep()).contains("distributionSha256Sum");
  }

  /// The fixture, for the Gradle that lies in it.
  private static Path checkout(Workshop workshop) throws Exception {
    var distribution = DebianGradle.distribution(Workshop.CACHE);
    var checkout = workshop.checkout("gradle/fixture/web");
    Files.writeString(checkout.resolve("build.gradle"), SCRIPT);
    var wrapper = checkout.resolve("gradle/wrapper");
    Files.createLink(wrapper.resolve("gradle-4.4.1-bin.zip"), distribution);
    Files.writeString(
        wrapper.resolve("gradle-wrapper.properties"),
        "distributionUrl=gradle-4.4.1-bin.zip\ndistributionSha256Sum=%s\n"
            .formatted(Sha256.of(distribution).replace("sha256:", "")));
    return checkout;
  }
}
