package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("CLI-1")
class ErrorsTest {
  @TempDir Path root;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell(root);
  }

  private void complains(ExitCode code, String message, String nextStep, String... args) {
    var result = shell.mesh(args);
    assertThat(result.err()).isEqualTo("mesh: " + message + "\n  try: " + nextStep + "\n");
    assertThat(result.code()).isEqualTo(code);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void an_unknown_command_suggests_the_nearest() {
    complains(ExitCode.USAGE, "there is no command 'mesh svc lst'", "mesh svc ls", "svc", "lst");
    complains(
        ExitCode.USAGE, "there is no command 'mesh dployments'", "mesh deployments", "dployments");
    complains(ExitCode.USAGE, "there is no command 'mesh zzzzzz'", "mesh --help", "zzzzzz");
  }

  @Test
  void an_unknown_option_suggests_the_nearest() {
    complains(
        ExitCode.USAGE,
        "unknown option: '--instnces=3'",
        "mesh svc update --instances",
        "svc",
        "update",
        "web",
        "--instnces=3");
  }

  @Test
  void a_malformed_duration_is_refused() {
    var result = shell.mesh("logs", "-e", "shop", "--since", "1 hour");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("'1 hour' is not a duration like 1h, 15m or 30s");
  }

  @Test
  void without_a_login_it_says_how_to_get_one() {
    complains(
        ExitCode.SIGNED_OUT,
        "not signed in: there is no " + shell.home.resolve(".config/widemesh/login.json"),
        "./widemesh up on this machine, or mesh login --api URL",
        "env",
        "ls");
  }

  @Test
  void half_a_login_and_a_broken_one_are_told_apart_from_none() throws IOException {
    var file = Files.writeString(shell.home.resolve("broken.json"), "{\"api\": 1");
    shell.variables.put("MESH_LOGIN", file.toString());
    complains(
        ExitCode.SIGNED_OUT, file + " holds no api and token", "mesh login --api URL", "env", "ls");

    shell.variables.put("MESH_API", "http://127.0.0.1:1");
    assertThat(shell.mesh("env", "ls").err()).contains("only one of MESH_API and MESH_TOKEN");
  }

  @Test
  void a_controller_that_is_not_there_is_unreachable() {
    shell.variables.put("MESH_API", "http://127.0.0.1:1");
    shell.variables.put("MESH_TOKEN", "x");

    var result = shell.mesh("env", "ls");

    assertThat(result.code()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.err()).contains("cannot reach the controller", "./widemesh up");
  }

  @Test
  void an_address_that_is_none_is_refused() {
    shell.variables.put("MESH_API", "localhost 7070");
    shell.variables.put("MESH_TOKEN", "x");

    assertThat(shell.mesh("env", "ls").err()).contains("is not the address of a controller");
  }

  @Test
  void each_kind_of_refusal_has_its_exit_code_and_the_controllers_words() throws IOException {
    try (var controller = new FakeController()) {
      shell.signedInAt(controller);
      var call = "GET /v1/environments";
      controller
          .refuses(call, 409, new Problem("taken", "taken", "take another"))
          .refuses(call, 401, new Problem("token", "bad token", null))
          .refuses(call, 404, new Problem("gone", "gone", null))
          .answers(call, 502, "<html>")
          .answers(call, 200, "<html>");

      complains(ExitCode.REFUSED, "taken", "take another", "env", "ls");
      complains(ExitCode.SIGNED_OUT, "bad token", "mesh login", "env", "ls");
      assertThat(shell.mesh("env", "ls").code()).isEqualTo(ExitCode.NOT_FOUND);
      assertThat(shell.mesh("env", "ls").code()).isEqualTo(ExitCode.BROKEN);
      assertThat(shell.mesh("env", "ls").code()).isEqualTo(ExitCode.BROKEN);
    }
  }

  @Test
  void a_missing_file_is_named() throws IOException {
    shell.in("shop", "web");

    complains(
        ExitCode.LOCAL,
        "there is no file " + shell.directory.resolve("nothing.env"),
        "give the path of a file that exists",
        "config",
        "import",
        "nothing.env");
  }

  @Test
  void nothing_may_follow_two_dashes_where_no_program_runs() {
    assertThat(shell.mesh("env", "ls", "--", "x").code()).isEqualTo(ExitCode.USAGE);
  }
}
