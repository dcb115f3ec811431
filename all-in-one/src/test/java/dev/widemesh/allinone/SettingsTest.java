package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SettingsTest {
  @Test
  void what_is_not_set_is_as_usual() {
    var settings = new Settings(Map.of("WIDEMESH_BUILD_TIME", ""));

    assertThat(settings.builds()).isEqualTo(BuildLimits.USUAL);
    assertThat(settings.readyWithin()).isEqualTo(Duration.ofMinutes(2));
    assertThat(settings.buildCache()).isEqualTo(5_000_000_000L);
  }

  @Test
  void what_is_set_counts() {
    var settings =
        new Settings(
            Map.of(
                "WIDEMESH_BUILD_TIME", "1h",
                "WIDEMESH_BUILD_MEMORY", "512m",
                "WIDEMESH_BUILD_CPUS", "1.5",
                "WIDEMESH_BUILD_PROCESSES", "100",
                "WIDEMESH_BUILD_DISK", "4g",
                "WIDEMESH_BUILD_CACHE", "20g"));

    assertThat(settings.buildCache()).isEqualTo(20_000_000_000L);
    assertThat(settings.builds())
        .isEqualTo(
            new BuildLimits(
                Duration.ofHours(1),
                512_000_000,
                1.5,
                100,
                4_000_000_000L,
                BuildLimits.USUAL.printed()));
  }

  @Test
  void registries_are_hosts_with_or_without_a_port() {
    var settings = new Settings(Map.of("WIDEMESH_REGISTRIES", "Registry.corp, 10.0.0.5:5000,"));

    assertThat(settings.registries()).containsExactly("10.0.0.5:5000", "registry.corp");
    assertThat(new Settings(Map.of()).registries()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "WIDEMESH_BUILD_TIME,forever,10 s to 100 min",
    "WIDEMESH_BUILD_TIME,3h,10 s to 100 min",
    "WIDEMESH_READY_WITHIN,1s,5 s to 60 min",
    "WIDEMESH_BUILD_MEMORY,2,256m to 1000g",
    "WIDEMESH_BUILD_MEMORY,1m,256m to 1000g",
    "WIDEMESH_BUILD_CPUS,many,0.1 to 1000",
    "WIDEMESH_BUILD_PROCESSES,1,64 to 100000",
    "WIDEMESH_REGISTRIES,https://registry.corp/,registry.example.com or 10.0.0.5:5000",
    "WIDEMESH_BUILDPACK_HOSTS,https://git.corp/,git.example.com or 10.0.0.5:5000",
    "WIDEMESH_BUILD_DISK,9999999g,100m to 1000g",
    "WIDEMESH_BUILD_CACHE,unbounded,100m to 1000g",
    "WIDEMESH_MAX_FILE_MB,151,1 to 150",
    "WIDEMESH_MAX_PUSH_MB,2g,1 to 100000",
    "WIDEMESH_BUILDKIT,/nowhere,name its folder bin",
    "WIDEMESH_CA_BUNDLE,/nowhere.pem,name a PEM file",
    "WIDEMESH_DOMAIN,co.uk,apps.example.com",
    "WIDEMESH_DOMAIN,10.0.0.1,apps.example.com",
  })
  void what_cannot_be_is_refused_with_the_rule(String name, String value, String rule) {
    assertThatThrownBy(() -> new Settings(Map.of(name, value)).check())
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused).hasMessageContaining(name).hasMessageContaining(value);
              assertThat(refused.nextStep()).contains(rule);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "WIDEMESH_GRADLE_MIRROR,ada:s3cret@mirror.corp,https://mirror.example.com/gradle",
    "WIDEMESH_MAVEN_MIRROR,http://ada:s3cret@mirror.corp/maven2,https://mirror.example.com/maven2",
    "WIDEMESH_NPM_MIRROR,https://ada:s3cret/@mirror.corp/npm x,https://mirror.example.com/npm",
    "WIDEMESH_PYPI_MIRROR,https://ada:[s3cret]@mirror.corp,https://mirror.example.com/pypi/simple",
    "WIDEMESH_PYPI_MIRROR,https://ada:s3cret@mirror.corp/simple?a=b,https://mirror.example.com/pypi",
  })
  void a_mirror_that_cannot_be_is_refused_without_its_password(
      String name, String value, String rule) {
    assertThatThrownBy(() -> new Settings(Map.of(name, value)).check())
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused).hasMessageContaining(name);
              assertThat(refused.getMessage() + refused.nextStep()).doesNotContain("s3cret");
              assertThat(refused.nextStep()).contains(rule);
            });
  }

  @Test
  void mirrors_may_have_a_login_and_are_shown_without_one() {
    var mirrors =
        new Settings(
                Map.of(
                    "WIDEMESH_MAVEN_MIRROR", "https://ada:s3c%2Fret@mirror.corp:8443/maven2/",
                    "WIDEMESH_NPM_MIRROR", "https://mirror.corp",
                    "WIDEMESH_PYPI_MIRROR", "https://mirror.corp/root/pypi/+simple/"))
            .mirrors();

    assertThat(mirrors.maven()).contains("https://ada:s3c%2Fret@mirror.corp:8443/maven2/");
    assertThat(mirrors.npm()).contains("https://mirror.corp");
    assertThat(mirrors.pypi()).contains("https://mirror.corp/root/pypi/+simple/");
    assertThat(mirrors.gradle()).isEmpty();
    assertThat(mirrors.debian()).isEqualTo("http://deb.debian.org/debian");
    assertThat(mirrors.toString()).doesNotContain("s3c");
  }

  @ParameterizedTest
  @CsvSource({
    "WIDEMESH_BULD_TIME,perhaps WIDEMESH_BUILD_TIME was meant",
    "WIDEMESH_COLOUR_OF_THE_SKY,README.md lists the settings",
  })
  void a_variable_that_is_no_setting_is_refused(String name, String nextStep) {
    assertThatThrownBy(() -> new Settings(Map.of(name, "1", "PATH", "/bin")).check())
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused).hasMessageContaining(name);
              assertThat(refused.nextStep()).contains(nextStep);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"ada:s3cret@mirror.corp/debian", "ftp://ada:s3cret@mirror.corp"})
  void a_debian_mirror_that_cannot_be_is_refused_without_its_password(String mirror) {
    assertThatThrownBy(() -> new Settings(Map.of("WIDEMESH_DEBIAN_MIRROR", mirror)).check())
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused)
                  .hasMessage("WIDEMESH_DEBIAN_MIRROR is not like http://deb.debian.org/debian");
              assertThat(refused.nextStep()).startsWith("write it so");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void one_that_is_empty_counts_as_not_set(String empty) {
    var settings = new Settings(Map.of("WIDEMESH_X", empty, "WIDEMESH_DOMAIN", empty));

    assertThatCode(settings::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"backup", "restore"})
  void whoever_reads_settings_refuses_what_is_none(String command) throws IOException {
    try (var platform = TestPlatform.stopped(Map.of("WIDEMESH_DATABSE_URL", "postgres://db/x"))) {
      var refused = platform.widemesh(command, "file");

      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err())
          .contains("WIDEMESH_DATABSE_URL is set, and is no setting")
          .contains("perhaps WIDEMESH_DATABASE_URL was meant");
    }
  }

  @Test
  void every_setting_is_in_the_readme() throws IOException {
    var readme = Files.readString(TestPlatform.HOME.resolve("README.md"));

    for (var variable : Variable.values()) {
      assertThat(readme).contains(variable.toString());
    }
  }
}
