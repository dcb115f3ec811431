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
/// that lies in the repository. The fixtures themselves name Gradle's own, which FixturesTest runs.
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
  @Tag("BLD-11")
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
        .contains("Layers reused: dependencies, graphics, jre")
        .containsPattern("Moved \\d+ kB in 1 of 5 layers");
    assertThat(took).as("a one-line change").isLessThan(Duration.ofSeconds(40));
    try (var app = workshop.run(changed)) {
      assertThat(app.get("/").body()).contains("bye from java");
    }

    var third = workshop.job(STACK, checkout, Optional.of(changed));
    assertThat(workshop.build(third).image()).isEqualTo(changed.image());
    assertThat(workshop.output(third)).contains("nothing built");
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

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void a_war_is_served_by_tomcat_at_the_root(Workshop workshop) throws Exception {
    var checkout = checkout(workshop);
    Files.writeString(
        checkout.resolve("build.gradle"),
        """
        plugins { id 'war' }
        repositories { mavenCentral() }
        dependencies { implementation 'com.google.code.gson:gson:2.11.0' }
        sourceCompatibility = '17'
        """);
    var page = checkout.resolve("src/main/webapp/index.jsp");
    Files.createDirectories(page.getParent());
    Files.writeString(page, "<%= new com.google.gson.Gson().toJson(\"hello\") %>");
    var job = workshop.job(STACK, checkout);

    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/").body()).isEqualTo("\"hello\"");
    }
    assertThat(workshop.output(job))
        .contains("Task :war (the plugin war is applied", "build/libs/web.war is served by Tomcat")
        .contains("libraries in the layer dependencies");
  }

  /// The newest one that this Gradle builds.
  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void spring_boot_listens_where_it_should(Workshop workshop) throws Exception {
    var checkout = checkout(workshop);
    Files.writeString(
        checkout.resolve("build.gradle"),
        """
        plugins {
          id 'java'
          id 'org.springframework.boot' version '2.1.18.RELEASE'
        }
        repositories { mavenCentral() }
        dependencies {
          implementation 'org.springframework.boot:spring-boot-starter-web:2.1.18.RELEASE'
        }
        sourceCompatibility = '1.8'
        """);
    Files.writeString(
        checkout.resolve(MAIN),
        """
        package web;

        import org.springframework.boot.SpringApplication;
        import org.springframework.boot.autoconfigure.SpringBootApplication;
        import org.springframework.web.bind.annotation.GetMapping;
        import org.springframework.web.bind.annotation.RestController;

        @SpringBootApplication
        @RestController
        public class Main {
          public static void main(String[] args) {
            SpringApplication.run(Main.class, args);
          }

          @GetMapping("/")
          public String hello() {
            return "hello from spring";
          }
        }
        """);
    var job = workshop.job(STACK, checkout);

    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/").body()).isEqualTo("hello from spring");
    }
    assertThat(workshop.output(job))
        .contains("Task :bootJar (the plugin org.springframework.boot is applied");
  }

  /// The fixture, for the Gradle that lies in it.
  static Path checkout(Workshop workshop) throws Exception {
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
