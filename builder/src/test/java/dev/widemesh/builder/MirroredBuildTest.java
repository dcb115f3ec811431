package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Apps, programs and dependencies of which come from the operator's mirrors, while of everything
/// else only Debian answers.
@DisplayNameGeneration(ReplaceUnderscores.class)
class MirroredBuildTest {
  private static final String NOBODY = "http://127.0.0.1:1";

  private Path folder;
  private RelayingMirror mirror;
  private Workshop workshop;

  @BeforeEach
  void start() throws Exception {
    folder = Files.createTempDirectory("mirrored");
    var gateway =
        new Docker(folder)
            .succeed("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "bridge");
    mirror = RelayingMirror.start(folder, gateway);
    var proxies =
        Map.of(
            "HTTP_PROXY", NOBODY, "HTTPS_PROXY", NOBODY, "NO_PROXY", gateway + ",deb.debian.org");
    var elsewhere =
        new Workshop.Elsewhere(
            Set.of(), Set.of(), Optional.of(mirror.trusted()), proxies, mirror.mirrors());
    workshop = new Workshop(folder, BuildLimits.USUAL, elsewhere);
  }

  @AfterEach
  void stop() throws Exception {
    try {
      workshop.close();
    } finally {
      mirror.close();
      WorkFolders.delete(folder);
    }
  }

  @Test
  @Tag("BLD-13")
  void an_app_of_npm_comes_from_there() throws Exception {
    comesFromThere("nodejs/fixture/express", "/npm/express/-/express-5\\..*\\.tgz", "/");

    assertThat(mirror.given)
        .anySatisfy(path -> assertThat(path).matches("/npm/node-linux-[^/]*/-/.*\\.tgz"))
        .anySatisfy(path -> assertThat(path).matches("/npm/npm/-/npm-.*\\.tgz"));
  }

  @ParameterizedTest
  @CsvSource({
    "nodejs/fixture/pnpm,/npm/mustache/-/mustache-.*\\.tgz,/",
    "nodejs/fixture/yarn,/npm/mustache/-/mustache-.*\\.tgz,/",
    "nodejs/fixture/berry,/npm/mustache/-/mustache-.*\\.tgz,/",
    "nodejs/fixture/bun,/npm/mustache/-/mustache-.*\\.tgz,/",
    "python/fixture/flask,/files/.*/flask-.*\\.whl,/",
    "python/fixture/fastapi,/files/.*/fastapi-.*\\.whl,/prices/1",
    "python/fixture/django,/files/.*/django-.*\\.whl,/",
    "maven/fixture/web,/maven2/.*/maven-compiler-plugin-.*\\.jar,/",
  })
  @Tag("BLD-13")
  @Tag("nightly")
  void those_of_others_do(String fixture, String dependency, String page) throws Exception {
    comesFromThere(fixture, dependency, page);
  }

  private void comesFromThere(String fixture, String dependency, String page) throws Exception {
    var job = workshop.job("mirrored", workshop.checkout(fixture));

    var built = workshop.build(job);

    assertThat(mirror.given).anySatisfy(path -> assertThat(path).matches(dependency));
    assertThat(workshop.output(job)).contains(mirror.name()).doesNotContain("s3c", "ada:");
    answers(built, page);
  }

  private void answers(Built built, String path) throws Exception {
    try (var app = workshop.run(built)) {
      assertThat(app.get(path).statusCode()).isEqualTo(200);
    }
  }
}
