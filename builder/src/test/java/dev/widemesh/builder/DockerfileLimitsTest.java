package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Cause;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.lifecycle.BuildLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Dockerfiles that take all they can get, against limits that are reached soon.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class DockerfileLimitsTest {
  private static final BuildLimits LIMITS =
      new BuildLimits(Duration.ofSeconds(40), 700_000_000, 2, 100, 1_000_000_000, 5_000_000);
  private static final String TOO_MUCH = "the build wrote more than 1000 MB";
  private static final String GOOD = "FROM widemesh/run:13\nRUN echo good\nCMD [\"true\"]\n";

  @TempDir static Path folder;
  private static Workshop workshop;

  @BeforeAll
  static void open() throws Exception {
    workshop = new Workshop(folder, LIMITS);
  }

  @AfterAll
  static void close() throws Exception {
    workshop.close();
  }

  private static Path dockerfile(String text) throws Exception {
    var checkout = workshop.empty();
    Files.writeString(checkout.resolve("Dockerfile"), text);
    return checkout;
  }

  private static Cause refused(String steps) throws Exception {
    var text = "FROM widemesh/run:13 AS first\nUSER root\n" + steps + "CMD [\"true\"]\n";
    return workshop.refuse(workshop.job("greedy", dockerfile(text)));
  }

  @Test
  @Tag("DEP-12")
  void endless_output_is_ended() throws Exception {
    var cause = refused("RUN yes all work and no play\n");

    assertThat(cause.summary()).isEqualTo("the build printed more than 5 MB");
    assertThat(cause.evidence()).contains("all work and no play");
  }

  @Test
  void a_volume_is_no_way_around_the_limit() throws Exception {
    var volume =
        "VOLUME /data\nRUN mkdir -p /data && head -c 1200M /dev/zero >/data/big; sleep 1000\n";

    assertThat(refused(volume).summary()).isEqualTo(TOO_MUCH);
  }

  @Test
  @Tag("nightly") // a busy disk takes longer for so many bytes than the build may
  void stages_count_together() throws Exception {
    var stage = "FROM first\nUSER root\nRUN head -c 400M /dev/zero >/big\n";

    assertThat(refused(stage + stage.replace("/big", "/more") + stage.replace("/big", "/most")))
        .extracting(Cause::summary)
        .isEqualTo(TOO_MUCH);
  }

  @Test
  @Tag("nightly")
  void what_an_ended_build_left_is_not_held_against_the_next() throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    var label = "dev.widemesh.dockerfile=" + workshop.platform + "/inherits";
    var left = docker.succeed("import", "--change", "LABEL " + label, hollow().toString());

    workshop.build(workshop.job("inherits", dockerfile(GOOD)));

    assertThat(docker.succeed("images", "-aq", "--no-trunc", "--filter", "label=" + label))
        .isNotBlank()
        .doesNotContain(left.lines().toList().getLast());
  }

  @Test
  void the_image_has_the_name_of_its_build_and_no_other() throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    var first = workshop.job("named", dockerfile(GOOD));
    var built = workshop.build(first);
    var repository = workshop.registry.registry().address() + "/apps/named";
    var before = docker.succeed("images", "--format", "{{.Tag}}", repository);
    var second = workshop.job("named", dockerfile(GOOD + "# more\n"), Optional.of(built));
    workshop.build(second);
    assertThat(workshop.output(second)).contains("cached");

    assertThat(docker.succeed("images", "--format", "{{.Tag}}", repository).lines())
        .hasSize(1)
        .doesNotContain(before);
  }

  @Test
  @Tag("DEP-12")
  @Tag("nightly")
  void a_step_that_never_ends_is_ended() throws Exception {
    var cause = refused("RUN echo one moment; sleep 1000\n");

    assertThat(cause.summary()).isEqualTo("the build took longer than 40 s");
    assertThat(cause.evidence()).contains("one moment");
  }

  /// An archive of little more than a megabyte with 1.2 GB of zeros in it.
  private static Path hollow() throws Exception {
    var archive = folder.resolve("hollow.tar.gz");
    if (!Files.exists(archive)) {
      var script = "truncate -s 1200M big && tar czf hollow.tar.gz big && rm big";
      var tar = new ProcessBuilder("sh", "-c", script).directory(folder.toFile()).inheritIO();
      assertThat(tar.start().waitFor()).isZero();
    }
    return archive;
  }
}
