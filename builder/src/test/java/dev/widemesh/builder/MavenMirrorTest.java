package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.supply.Packed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Maven, Tomcat and what Maven fetches, from the operator's mirror of Maven Central.
@DisplayNameGeneration(ReplaceUnderscores.class)
class MavenMirrorTest {
  private static final String FILE =
      "/org/apache/maven/apache-maven/9.9.9/apache-maven-9.9.9-bin.tar.gz";
  private static final byte[] MAVEN =
      Packed.tgz(Map.of("apache-maven-9.9.9/bin/mvn", "#!/bin/sh\necho hello\n"));
  private static final String SUM = Sha256.of(MAVEN).replace("sha256:", "");

  @TempDir private Path work;
  private MirrorHost host;

  @BeforeEach
  void start() throws Exception {
    host = new MirrorHost();
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://repo.maven.apache.org/maven2", "https://repo1.maven.org/maven2"})
  void what_the_wrapper_names_comes_from_there_and_nobody_else_is_asked(String central)
      throws Exception {
    host.put("/maven2" + FILE, MAVEN);
    host.put("/maven2" + FILE + ".sha256", SUM);

    assertThat(maven(central, ""))
        .isEqualTo(
            """
        -----> Installing Maven 9.9.9
               from the operator's mirror %s
               distributionUrl in .mvn/wrapper/maven-wrapper.properties chooses it
        hello
        """
                .formatted(host.name()));
    assertThat(host.asked).containsExactly("/maven2" + FILE, "/maven2" + FILE + ".sha256");
    assertThat(host.elsewhere).isEmpty();
    assertThat(Files.readString(work.resolve("layers/maven.toml"))).doesNotContain("s3c");
  }

  @Test
  void what_lies_elsewhere_is_not_asked_of_it() throws Exception {
    assertThat(maven("https://dist.example.org/maven2", ""))
        .contains("dist.example.org did not answer");

    assertThat(host.elsewhere).contains("CONNECT dist.example.org:443 HTTP/1.1");
    assertThat(host.asked).isEmpty();
  }

  @Test
  void what_is_not_what_its_checksum_says_is_refused() throws Exception {
    host.put("/maven2" + FILE, MAVEN);

    assertThat(maven("https://repo1.maven.org/maven2", "1".repeat(64)))
        .contains("apache-maven-9.9.9-bin.tar.gz is not what its checksum says");
  }

  @Test
  void one_that_lacks_it_or_wants_another_login_is_named_without_a_password() throws Exception {
    assertThat(maven("https://repo1.maven.org/maven2", SUM))
        .contains(" !     %s has no apache-maven-9.9.9-bin.tar.gz\n".formatted(host.name()))
        .contains("let the operator look at WIDEMESH_MAVEN_MIRROR, or correct distributionUrl in")
        .doesNotContain("s3c");
    assertThat(maven(host.as("ada:guessed", "/maven2"), "https://repo1.maven.org/maven2", SUM))
        .contains("the operator's mirror %s wants another name".formatted(host.name()))
        .doesNotContain("guessed");
    assertThat(host.elsewhere).isEmpty();
  }

  @Test
  void tomcat_comes_from_there() throws Exception {
    var said =
        run(
            host.url("/maven2"),
            """
            war=shop.war
            mkdir -p shop/WEB-INF
            touch shop.war
            serve_war
            """);

    assertThat(said).contains(host.name() + " has no tomcat-11.");
    assertThat(host.asked).hasSize(1);
    assertThat(host.asked.getFirst()).startsWith("/maven2/org/apache/tomcat/tomcat/11.");
    assertThat(host.elsewhere).isEmpty();
  }

  @Test
  void maven_is_told_of_it_with_the_login_apart() throws Exception {
    assertThat(run("https://us%40er:a%26%3Cb%25@mirror.test:8443/maven2/", "network_settings"))
        .contains(
            "<mirror><id>central</id><mirrorOf>central,central</mirrorOf>"
                + "<url>https://mirror.test:8443/maven2/</url></mirror>",
            "<server><id>central</id><username>us@er</username>"
                + "<password>a&amp;&lt;b%</password></server>",
            "<id>maven-default-http-blocker</id>");
    assertThat(run("https://mirror.test/a@b", "network_settings"))
        .contains("<url>https://mirror.test/a@b</url>")
        .doesNotContain("<server>");
    assertThat(run("", "network_settings")).doesNotContain("<id>central</id>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from/to central (https://mirror.test/maven2): status code: 401, reason phrase:",
        "from/to central (https://mirror.test/maven2): authentication failed for"
            + " https://mirror.test/maven2/x.pom, status: 401 Unauthorized",
      })
  void a_login_that_maven_was_refused_with_is_the_operators_to_correct(String said)
      throws Exception {
    Files.writeString(
        Files.createDirectories(work.resolve("scratch")).resolve("maven.log"),
        "[ERROR] Could not transfer artifact a:b:pom:1 " + said + "\n");

    assertThat(run("https://ada:s3cret@mirror.test/maven2", "explain_maven 1"))
        .contains("the operator's mirror mirror.test wants another name and password")
        .doesNotContain("s3cret");
  }

  @Test
  void one_that_another_repository_refused_is_not() throws Exception {
    Files.writeString(
        Files.createDirectories(work.resolve("scratch")).resolve("maven.log"),
        "[ERROR] Could not transfer artifact a:b:pom:1 from/to corp (https://nexus.corp/m2):"
            + " status code: 401, reason phrase: Unauthorized (401)\n");

    assertThat(run("https://ada:s3cret@mirror.test/maven2", "explain_maven 1"))
        .doesNotContain("the operator's mirror");
  }

  private String maven(String central, String sum) throws Exception {
    return maven(host.url("/maven2/"), central, sum);
  }

  private String maven(String mirror, String central, String sum) throws Exception {
    Files.writeString(
        Files.createDirectories(work.resolve(".mvn/wrapper")).resolve("maven-wrapper.properties"),
        "distributionUrl=%s%s\ndistributionSha256Sum=%s\n".formatted(central, FILE, sum));
    return run(mirror, "provide_maven; \"${maven[0]}\"");
  }

  private String run(String mirror, String script) throws Exception {
    return Bash.run(
        work,
        """
        %s
        export WIDEMESH_MAVEN_MIRROR='%s'
        CNB_BUILDPACK_DIR='%s' layers='%s' scratch='%s'
        for part in say fetch layer java/{distribution,proxy,procfile,war} explain maven; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
        mkdir -p "$layers" "$scratch"
        (
        %s
        ) || true
        """
            .formatted(
                host.settings(),
                mirror,
                Workshop.BUILDPACKS.resolve("maven"),
                work.resolve("layers"),
                work.resolve("scratch"),
                script));
  }
}
