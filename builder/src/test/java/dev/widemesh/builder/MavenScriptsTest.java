package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Functions of the Maven buildpack, each for itself.
@DisplayNameGeneration(ReplaceUnderscores.class)
class MavenScriptsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("maven/lib");

  @TempDir Path folder;

  @Test
  void settings_for_a_proxy_keep_the_ban_on_plain_http_and_write_the_password_as_xml()
      throws Exception {
    var settings =
        Bash.run(
            LIB,
            """
            . ./fetch.sh
            . ./java/proxy.sh
            . ./maven.sh
            http_proxy='http://us%40er:a%26%3Cb%25%5Cn\\t@proxy.test:8080'
            network_settings
            """);

    assertThat(settings)
        .contains("<id>maven-default-http-blocker</id><mirrorOf>external:http:*</mirrorOf>")
        .contains("<blocked>true</blocked>")
        .contains("<host>proxy.test</host><port>8080</port>")
        .contains("<username>us@er</username><password>a&amp;&lt;b%\\n\\t</password>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          web: java -cp target/classes x.Main | true
          \\n# all\\n  worker:x               | true
          MARKweb: x                          | true
          release: migrate\\nworker: x        | true
          release: migrate                    | false
          \\n# web: x                         | false
          """)
  void a_procfile_names_what_runs_unless_it_has_a_release_command_alone(
      String procfile, boolean names) throws Exception {
    Files.writeString(
        folder.resolve("Procfile"), procfile.translateEscapes().replace("MARK", "\uFEFF"));

    assertThat(run("names_processes && echo true || echo false")).isEqualTo(names + "\n");
  }

  @Test
  @Tag("BLD-4")
  void what_a_procfile_starts_is_neither_unpacked_nor_looked_through() throws Exception {
    var war = Files.createFile(Files.createDirectory(folder.resolve("target")).resolve("a.war"));
    Files.writeString(folder.resolve("Procfile"), "web: java -jar runner.jar target/*.war\n");

    assertThat(
            run(
                """
                find_runnable
                serve_war
                runnable=target/a.jar
                attribute() { echo lib/missing.jar; }
                check_class_path
                """))
        .isEmpty();
    assertThat(war).exists();

    Files.writeString(folder.resolve("Procfile"), "release: migrate\n");
    assertThat(
            run(
                """
                runnable=target/a.jar
                attribute() { echo lib/missing.jar; }
                (check_class_path) || true
                """))
        .contains("target/a.jar needs lib/missing.jar beside it, and it is not there");
    Files.createFile(folder.resolve("target/b.war"));
    assertThat(run("(find_runnable) || true")).contains("several web archives were made");
  }

  @ParameterizedTest
  @CsvSource({
    "layers/maven/bin/mvn,3.5.4,-Dorg.slf4j.simpleLogger.log",
    "layers/maven/bin/mvn,3.6.0,-Dorg.slf4j.simpleLogger.log",
    "layers/maven/bin/mvn,3.6.1,-ntp",
    "layers/maven/bin/mvn,3.9.16,-ntp",
    "layers/maven/bin/mvn,3.10.0,-ntp",
    "layers/maven/bin/mvn,4.0.0-rc-4,-ntp",
    "sh,3.5.4,-ntp"
  })
  void maven_is_told_to_keep_its_fetching_to_itself_in_words_that_it_knows(
      String program, String version, String word) throws Exception {
    assertThat(run("maven=(%s) maven_version=%s; quiet_transfers".formatted(program, version)))
        .startsWith(word);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          <settings>            | package            | -              | true
          <settings xmlns="x">  | -Dsurefire.x=y -e  | --show-version | true
          <settings>            | -s ci.xml package  | -              | false
          <settings>            | --settings=ci.xml  | -              | false
          <settings>            | package            | -s\\nci.xml  | false
          <beans>               | package            | -              | false
          -                     | package            | -              | false
          """)
  void settings_at_the_top_are_mavens_unless_others_are_named(
      @Nullable String xml, String arguments, @Nullable String config, boolean own)
      throws Exception {
    if (xml != null) {
      Files.writeString(folder.resolve("settings.xml"), "<?xml version='1.0'?>\n" + xml + "\n");
    }
    if (config != null) {
      Files.createDirectory(folder.resolve(".mvn"));
      Files.writeString(folder.resolve(".mvn/maven.config"), config.translateEscapes() + "\n");
    }

    assertThat(run("own_settings %s && echo true || echo false".formatted(arguments)))
        .isEqualTo(own + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(https://nexus.corp/m2): status code: 401, reason phrase: Unauthorized (401)",
        "(https://nexus.corp/m2): status code: 403, reason phrase: Forbidden (403)",
        "(https://nexus.corp/m2): authentication failed for https://nexus.corp/m2/x.pom,"
            + " status: 401 Unauthorized",
        "(https://nexus.corp/m2): Not authorized , ReasonPhrase:Unauthorized.",
        "(https://nexus.corp/m2): Access denied to: https://nexus.corp/m2/x.pom",
      })
  @Tag("DEP-12")
  void a_repository_that_wants_a_login_is_named(String said) throws Exception {
    Files.writeString(
        folder.resolve("maven.log"),
        "[ERROR] Could not transfer artifact com.acme:shop:pom:1.401 from/to corp " + said + "\n");

    assertThat(run("(explain_maven 1) || true"))
        .startsWith(
            " !     nexus.corp does not let com.acme:shop:pom:1.401 be fetched without the right"
                + " name and password\n")
        .contains("settings.xml at the top of the app");
  }

  @Test
  void one_that_did_not_answer_is_not_taken_for_it() throws Exception {
    Files.writeString(
        folder.resolve("maven.log"),
        "[ERROR] Could not transfer artifact a:b:pom:1.401 from/to corp (https://nexus.corp/m2):"
            + " Connect to nexus.corp:443 failed: Connection refused\n");

    assertThat(run("(explain_maven 1) || true"))
        .startsWith(" !     https://nexus.corp did not answer\n");
  }

  private String run(String script) throws Exception {
    return Bash.run(
        folder,
        """
        CNB_BUILDPACK_DIR='%s' layers='%s' scratch=$PWD
        for part in say java/{manifest,procfile,runnable,libraries,war} jars fetch explain maven; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
        %s
        """
            .formatted(Workshop.BUILDPACKS.resolve("maven"), folder.resolve("layers"), script));
  }

  @ParameterizedTest
  @CsvSource({
    "target/app.jar,2.0.1.RELEASE,JarLauncher,false",
    "target/app.jar,3.2.12,JarLauncher,false",
    "target/app.jar,3.3.0,JarLauncher,true",
    "target/app.jar,3.10.1,JarLauncher,true",
    "target/app.jar,4.0.0-M1,JarLauncher,true",
    "target/app.jar,x,JarLauncher,false",
    "target/app.war,3.5.0,WarLauncher,false",
    "target/app.jar,3.5.0,PropertiesLauncher,false"
  })
  void only_a_spring_boot_jar_that_can_be_taken_apart_is_started(
      String file, String version, String launcher, boolean started) throws Exception {
    assertThat(isStarted(file, version, launcher)).isEqualTo(started);
  }

  @Test
  void a_spring_boot_jar_whose_loader_the_procfile_names_stays_as_it_is() throws Exception {
    Files.writeString(
        folder.resolve("Procfile"),
        "web: java -cp target/app.jar org.springframework.boot.loader.launch.JarLauncher\n");
    assertThat(isStarted("target/app.jar", "3.5.0", "JarLauncher")).isFalse();

    Files.writeString(folder.resolve("Procfile"), "web: java -Xss1m -jar target/app.jar\n");
    assertThat(isStarted("target/app.jar", "3.5.0", "JarLauncher")).isTrue();
  }

  @Test
  void the_folder_that_a_war_was_made_of_goes_where_the_war_starts_by_itself() throws Exception {
    var library = folder.resolve("target/app/WEB-INF/lib/a.jar");
    Files.createDirectories(library.getParent());
    Files.createFile(library);

    var remove = "runnable=target/%s\nremove_exploded";
    run(remove.formatted("app.jar"));
    assertThat(library).exists();
    Files.writeString(folder.resolve("Procfile"), "web: java -jar runner.jar target/app\n");
    run(remove.formatted("app.war"));
    assertThat(library).exists();
    Files.delete(folder.resolve("Procfile"));
    run(remove.formatted("app.war"));
    assertThat(folder.resolve("target/app")).doesNotExist();
  }

  private boolean isStarted(String file, String version, String launcher) throws Exception {
    var java = Files.writeString(folder.resolve("java"), "#!/bin/sh\ntouch \"$HOME/started\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));

    run(
        """
        attribute() { case $2 in Main-Class) echo org.springframework.boot.loader.launch.%s ;; *) echo %s ;; esac; }
        export HOME=$PWD PATH=$PWD:$PATH
        runnable=%s scratch=$HOME
        unpack_spring_boot
        """
            .formatted(launcher, version, file));

    return Files.deleteIfExists(folder.resolve("started"));
  }
}
