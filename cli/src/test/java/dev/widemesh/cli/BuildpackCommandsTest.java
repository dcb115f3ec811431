package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.UsedBuildpack;
import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Views.Buildpacks;
import dev.widemesh.api.Views.ChangeBuildpacks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class BuildpackCommandsTest {
  private static final String PLACE = "/v1/environments/shop/stacks/web/buildpacks";
  private static final Buildpacks SOME =
      new Buildpacks(
          List.of("./mine", "widemesh/nodejs"),
          List.of(new UsedBuildpack("me/mine", "1.2", "./mine", "sha256:0123", "c0ffee0123456")));

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller).in("shop", "web");
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  @Test
  void they_are_listed_with_what_is_live() {
    controller.answers("GET " + PLACE, SOME);

    assertThat(shell.mesh("stack", "buildpacks", "ls").out())
        .contains(
            "BUILDPACK", "./mine", "me/mine 1.2", "c0ffee01 ", "sha256:0123", "widemesh/nodejs");
    assertThat(Json.read(shell.mesh("buildpacks", "ls", "--json").out(), Buildpacks.class))
        .isEqualTo(SOME);
  }

  @Test
  void without_a_list_the_next_step_is_named() {
    controller.answers("GET " + PLACE, new Buildpacks(List.of(), List.of()));

    assertThat(shell.mesh("buildpacks", "ls").err()).contains("mesh stack buildpacks add REF");
  }

  @Test
  void they_are_set_added_and_removed() {
    controller.answers("PATCH " + PLACE, SOME);

    assertThat(shell.mesh("stack", "buildpacks", "set", "./mine", "widemesh/nodejs").err())
        .contains("From the next push on.");
    assertThat(sent()).isEqualTo(new ChangeBuildpacks(SOME.references(), null, null, null));
    shell.mesh("buildpacks", "add", "./mine", "--first");
    assertThat(sent()).isEqualTo(new ChangeBuildpacks(null, List.of("./mine"), null, true));
    shell.mesh("buildpacks", "rm", "./mine");
    assertThat(sent()).isEqualTo(new ChangeBuildpacks(null, null, List.of("./mine"), null));
    shell.mesh("buildpacks", "set", "--none");
    assertThat(sent()).isEqualTo(new ChangeBuildpacks(List.of(), null, null, null));
    assertThat(
            Json.read(shell.mesh("buildpacks", "set", "./mine", "--json").out(), Buildpacks.class))
        .isEqualTo(SOME);
  }

  private ChangeBuildpacks sent() {
    return Json.read(controller.last().body(), ChangeBuildpacks.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"set", "add", "remove"})
  void nothing_is_no_wish(String command) {
    var nothing = shell.mesh("stack", "buildpacks", command);

    assertThat(nothing.code()).isEqualTo(ExitCode.USAGE);
    assertThat(nothing.err()).contains("which buildpack?");
  }

  @Test
  void what_cannot_be_is_refused_before_anything_is_asked() {
    var refused = shell.mesh("stack", "buildpacks", "add", "ssh://git@host/a.git");

    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("'ssh://...@host/a.git' is neither https nor git+https");
    assertThat(shell.mesh("buildpacks", "set", "https://host/a.tgz?token=hunter2").err())
        .contains("'https://host/a.tgz?...' has a query", "put it where its address needs no query")
        .doesNotContain("hunter2");
    assertThat(shell.mesh("buildpacks", "set", "--none", "./mine").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(controller.requests).isEmpty();
  }

  @Test
  void a_refusal_is_told() {
    controller.refuses(
        "PATCH " + PLACE,
        409,
        new Problem("built-by-dockerfile", "it has a Dockerfile", "make one"));

    var refused = shell.mesh("stack", "buildpacks", "add", "./mine");

    assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(refused.err()).contains("it has a Dockerfile", "make one");
  }
}
