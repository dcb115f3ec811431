package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.widemesh.builder.image.Sha256;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Functions of the Gradle buildpack, each for itself.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GradleScriptsTest {
  private static final Path BUILDPACK = Workshop.BUILDPACKS.resolve("gradle");
  @TempDir Path app;
  @TempDir Path work;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          build.gradle     | 8.14  | languageVersion = JavaLanguageVersion.of(21)              | 21: the toolchain of build.gradle
          build.gradle.kts | 8.14  | kotlin { jvmToolchain(17) }                               | 17: the toolchain of build.gradle.kts
          build.gradle.kts | 8.14  | jvmToolchain(libs.versions.java.app.get().toInt())        | 21: the toolchain of build.gradle.kts
          build.gradle     | 8.14  | languageVersion = JavaLanguageVersion.of(11)              | Java 11 cannot be had here (the toolchain of build.gradle): 17, 21 and 25 can
          app/build.gradle | 8.14  | sourceCompatibility = '17'                                | 17: app/build.gradle compiles for Java 17
          build.gradle     | 8.14  | sourceCompatibility = JavaVersion.VERSION_1_8             | 17: build.gradle compiles for Java 8
          build.gradle     | 9.5.1 | options.release = 18                                      | 21: build.gradle compiles for Java 18
          build.gradle.kts | 9.5.1 | jvmTarget.set(JvmTarget.JVM_21)                           | 21: build.gradle.kts compiles for Java 21
          build.gradle     | 8.14  | // sourceCompatibility = 17, see https://example.org      | 21: the newest that does for the build
          build.gradle     | 9.5.1 | /* jvmToolchain(21) */                                    | 25: the default
          build.gradle     | 6.8   | println 'old'                                             | 17: the newest that does for the build
          """)
  void java_is_what_the_scripts_want_and_gradle_runs_on(
      String script, String gradle, String text, String choice) throws Exception {
    Files.createDirectories(app.resolve(script).resolve("..").normalize());
    Files.writeString(app.resolve(script), text + "\n");
    Files.writeString(app.resolve("settings.gradle"), "\n");
    Files.createDirectories(app.resolve("gradle"));
    Files.writeString(app.resolve("gradle/libs.versions.toml"), "[versions]\njava-app = \"21\"\n");

    var chosen =
        run("gradle=%s\n(choose_version; echo \"$java: $because\") || true".formatted(gradle));

    assertThat(chosen).contains(choice);
  }

  @Test
  void a_wrapper_names_the_distribution_and_its_checksum() throws Exception {
    Files.writeString(app.resolve("build.gradle.kts"), "\n");
    wrapper("https\\://services.gradle.org/distributions/gradle-8.14.3-all.zip", "abc");

    assertThat(run("choose_gradle; echo \"$gradle $url $sha256 $script\""))
        .isEqualTo(
            "8.14.3 https://services.gradle.org/distributions/gradle-8.14.3-all.zip abc build.gradle.kts\n");
  }

  @Test
  @Tag("DEP-12")
  void the_operators_mirror_is_asked_first_and_a_site_that_does_not_answer_is_named()
      throws Exception {
    var zip = distribution();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/gradle/gradle-8.14-bin.zip",
        exchange -> {
          exchange.sendResponseHeaders(200, zip.length);
          exchange.getResponseBody().write(zip);
          exchange.close();
        });
    server.start();
    try {
      var mirror = "http://127.0.0.1:" + server.getAddress().getPort() + "/gradle/";
      var fetched = provide(mirror, "8.14", Sha256.of(zip).replace("sha256:", ""));
      assertThat(fetched)
          .contains("-----> Installing Gradle 8.14\n", "from the operator's mirror 127.0.0.1:")
          .endsWith("hello\n");
      assertThat(provide(mirror, "8.14", Sha256.of(zip).replace("sha256:", "")))
          .startsWith("-----> Gradle 8.14 (reused)\n")
          .endsWith("hello\n");

      assertThat(provide(mirror, "8.14", "1".repeat(64)))
          .contains(
              " !     gradle-8.14-bin.zip is not what its checksum says (sha256 111111111111...)")
          .contains("correct distributionSha256Sum in gradle/wrapper/gradle-wrapper.properties");
      assertThat(provide(mirror, "8.15", ""))
          .contains("the operator's mirror 127.0.0.1:")
          .contains("has no gradle-8.15-bin.zip", "gradle.invalid did not answer")
          .contains("WIDEMESH_GRADLE_MIRROR");
    } finally {
      server.stop(0);
    }
  }

  @Test
  @Tag("DEP-12")
  void a_distribution_outside_of_the_repository_is_refused() throws Exception {
    Files.writeString(app.resolve("../gradle-8.14-bin.zip").normalize(), "");
    Files.writeString(app.resolve("build.gradle"), "\n");
    wrapper("../../../gradle-8.14-bin.zip", "");

    assertThat(run("(choose_gradle; provide_gradle) || true"))
        .contains("there is no file ../../../gradle-8.14-bin.zip beside gradle/wrapper/");
    Files.delete(app.resolve("../gradle-8.14-bin.zip").normalize());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          e: file://%s/src/main/kotlin/web/Main.kt:6:24 Unresolved reference 'x'.                          | does not compile: src/main/kotlin/web/Main.kt:6: Unresolved reference 'x'.
          %s/src/main/java/web/Main.java:23: error: cannot find symbol                                     | does not compile: src/main/java/web/Main.java:23: cannot find symbol
          > Could not find com.example:shop:2.0.                                                           | no repository has com.example:shop:2.0
          Plugin [id: 'org.example.shop', version: '1.2'] was not found in any of the following sources:   | no repository has the plugin org.example.shop 1.2
          > Unsupported class file major version 69                                                        | Gradle 8.0 does not run on Java 25
          > Cannot find a Java installation on your machine matching: {languageVersion=21, vendor=Eclipse} | the toolchain languageVersion=21, vendor=Eclipse is not Java 25 of Debian
          > There were failing tests. See the report at: file:///x                                         | tests failed
          Task 'bootImage' not found in root project 'web'.                                                | Task 'bootImage' not found in root project 'web'
          """)
  @Tag("DEP-12")
  void what_gradle_says_is_turned_into_a_cause(String said, String cause) throws Exception {
    Files.createDirectories(work.resolve("scratch"));
    Files.writeString(
        work.resolve("scratch/gradle.log"), said.replace("%s", app.toString()) + "\n");

    assertThat(run("gradle=8.0 java=25 script=build.gradle\n(explain_gradle 1) || true"))
        .startsWith(" !     " + cause + "\n");
  }

  @Test
  void what_gradle_leaves_behind_goes_and_folders_of_the_app_that_are_called_like_it_stay()
      throws Exception {
    var gone =
        List.of(
            ".gradle/8.14/x",
            "build/tmp/jar/MANIFEST.MF",
            "build/reports/problems.html",
            "web/build/tmp/compileJava/x",
            "web/build/generated/sources/x",
            "web/build/kotlin/x",
            "web/build/distributions/web.zip");
    var kept =
        List.of(
            "build/libs/app/WEB-INF/views/reports/a.jsp",
            "build/libs/app/WEB-INF/classes/com/acme/reports/A.class",
            "build/install/app/reports/a.jrxml",
            "web/build/install/web/lib/kotlin/x",
            "web/build/classes/java/main/com/acme/tmp/A.class",
            "web/src/main/resources/build/reports/x",
            "pages/build/reports/index.html");
    for (var each : Stream.concat(gone.stream(), kept.stream()).toList()) {
      Files.createDirectories(app.resolve(each).getParent());
      Files.writeString(app.resolve(each), "");
    }

    run("remove_leftovers");

    assertThat(gone).allMatch(each -> Files.notExists(app.resolve(each)));
    assertThat(kept).allMatch(each -> Files.exists(app.resolve(each)));
    assertThat(app.resolve("build/reports")).doesNotExist();
  }

  private String provide(String mirror, String version, String sum) throws Exception {
    Files.writeString(app.resolve("build.gradle"), "\n");
    wrapper("https\\://gradle.invalid/gradle-" + version + "-bin.zip", sum);
    return run(
        """
        tool_mirror='%s' mirrored=https://gradle.invalid
        (choose_gradle; provide_gradle; sh "$layers/gradle/bin/gradle") || true
        """
            .formatted(mirror));
  }

  private void wrapper(String url, String sum) throws Exception {
    var folder = Files.createDirectories(app.resolve("gradle/wrapper"));
    Files.writeString(
        folder.resolve("gradle-wrapper.properties"),
        "distributionUrl=%s\ndistributionSha256Sum=%s\n".formatted(url, sum));
  }

  private byte[] distribution() throws Exception {
    var file = work.resolve("gradle.zip");
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("gradle-8.14/bin/gradle"));
      zip.write("#!/bin/sh\necho hello\n".getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return Files.readAllBytes(file);
  }

  private String run(String script) throws Exception {
    var functions =
        """
        CNB_BUILDPACK_DIR='%s' layers='%s' scratch='%s'
        for part in say fetch layer java/{version,distribution,proxy} level explain gradle outputs; do
          . "$CNB_BUILDPACK_DIR/lib/$part.sh"
        done
        mkdir -p "$layers" "$scratch"
        """
            .formatted(BUILDPACK, work.resolve("layers"), work.resolve("scratch"));
    return Bash.run(app, functions + script);
  }
}
