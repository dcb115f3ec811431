package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryTest {
  private static final String PLACE = "/v1/environments/shop/registries/ghcr.io%3A5000";
  private static final Views.Registry KNOWN =
      new Views.Registry("ghcr.io:5000", "ada", Instant.parse("2026-01-02T03:04:05Z"));

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
  void the_password_comes_from_standard_input_as_it_is() {
    controller.answers("PUT " + PLACE, KNOWN);
    shell.typed = " pass word\r\n";

    var login = shell.mesh("registry", "login", "ghcr.io:5000", "-u", "ada", "--password-stdin");

    assertThat(login.code()).isEqualTo(ExitCode.OK);
    assertThat(login.out())
        .isEqualTo("Dockerfiles of shop can use what ada may pull from ghcr.io:5000.\n");
    assertThat(Json.read(controller.last().body(), Views.LogInToRegistry.class))
        .isEqualTo(new Views.LogInToRegistry("ada", " pass word"));
  }

  @Test
  void on_a_terminal_both_are_asked_for() {
    controller.answers("PUT " + PLACE, KNOWN);
    shell.talks = true;
    shell.typed = "ada\nsecret\n";

    var login = shell.mesh("registry", "login", "ghcr.io:5000");

    assertThat(login.code()).isEqualTo(ExitCode.OK);
    assertThat(login.out() + login.err()).doesNotContain("secret");
    assertThat(Json.read(controller.last().body(), Views.LogInToRegistry.class))
        .isEqualTo(new Views.LogInToRegistry("ada", "secret"));
  }

  @Test
  void a_password_is_no_argument_and_none_is_no_login() {
    shell.typed = "unasked";
    var argument = shell.mesh("registry", "login", "ghcr.io", "-u", "ada", "--password", "x");
    assertThat(argument.code()).isEqualTo(ExitCode.USAGE);
    var none = shell.mesh("registry", "login", "ghcr.io", "-u", "ada");
    assertThat(none.code()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("there is no password", "--password-stdin");
    assertThat(controller.requests).isEmpty();
  }

  @Test
  void a_refusal_is_told() {
    controller.refuses(
        "PUT " + PLACE, 400, new Problem("registry-refused", "it refuses ada", "correct it"));
    shell.typed = "wrong";

    var refused = shell.mesh("registry", "login", "ghcr.io:5000", "-u", "ada", "--password-stdin");

    assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(refused.err()).contains("it refuses ada").doesNotContain("wrong");
  }

  @Test
  void they_are_listed_without_their_passwords_and_forgotten() {
    controller.answers("GET /v1/environments/shop/registries", List.of(KNOWN));
    controller.answers("DELETE " + PLACE, 204, "");

    assertThat(shell.mesh("registry", "ls").out()).contains("HOST", "ghcr.io:5000", "ada");
    assertThat(Json.read(shell.mesh("registry", "ls", "--json").out(), Views.Registry[].class))
        .containsExactly(KNOWN);
    assertThat(shell.mesh("registry", "logout", "ghcr.io:5000").code()).isEqualTo(ExitCode.OK);
    assertThat(controller.last().method()).isEqualTo("DELETE");
  }
}
