package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Views.StackBuilder;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class BuilderCommandTest {
  private static final String PLACE = "/v1/environments/shop/stacks/web/builder";

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

  private StackBuilder sent() {
    return Json.read(controller.last().body(), StackBuilder.class);
  }

  @Test
  void a_builder_is_named_and_taken_away() {
    controller.answers("PUT " + PLACE, new StackBuilder("heroku/builder:24"));
    assertThat(shell.mesh("stack", "set-builder", "heroku/builder:24").out())
        .contains("heroku/builder:24 builds it from the next push on.");
    assertThat(sent()).isEqualTo(new StackBuilder("heroku/builder:24"));
    assertThat(
            Json.read(
                shell.mesh("stack", "set-builder", "heroku/builder:24", "--json").out(),
                StackBuilder.class))
        .isEqualTo(new StackBuilder("heroku/builder:24"));

    controller.answersAnew("PUT " + PLACE, new StackBuilder(null));
    assertThat(shell.mesh("stack", "set-builder", "--none").out())
        .contains("The platform's own buildpacks are asked from the next push on.");
    assertThat(sent()).isEqualTo(new StackBuilder(null));
  }

  @Test
  void what_cannot_be_meant_is_refused_before_anything_is_asked() {
    assertThat(shell.mesh("stack", "set-builder").err())
        .contains("which builder?", "mesh stack set-builder heroku/builder:24");
    assertThat(shell.mesh("stack", "set-builder", "--none", "heroku/builder:24").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(shell.mesh("stack", "set-builder", "https://host/builder").err())
        .contains("is not the name of an image");
    assertThat(controller.requests).isEmpty();
  }

  @Test
  void a_refusal_is_told() {
    controller.refuses(
        "PUT " + PLACE, 409, new Problem("names-buildpacks", "it names some", "set --none"));

    var refused = shell.mesh("stack", "set-builder", "heroku/builder:24");

    assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(refused.err()).contains("it names some", "set --none");
  }
}
