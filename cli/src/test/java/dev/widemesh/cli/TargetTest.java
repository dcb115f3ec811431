package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("CLI-2")
class TargetTest {
  @TempDir Path root;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell(root);
  }

  private String inForce() {
    return shell.mesh("use").out().replaceAll(" +", " ");
  }

  @Test
  void without_any_hint_it_asks_which() {
    var result = shell.mesh("svc", "ls");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("which environment?", "mesh use ENV/STACK");
  }

  @Test
  void a_variable_beats_the_git_remote_and_the_remote_beats_the_choice() throws Exception {
    assertThat(shell.mesh("use", "chosen/one").code()).isEqualTo(ExitCode.OK);
    assertThat(inForce()).isEqualTo("Environment chosen (mesh use)\nStack one (mesh use)\n");

    shell.program("git", "init", "-q");
    shell.program("git", "remote", "add", "widemesh", "ssh://git@127.0.0.1:7022/remote/two.git");
    assertThat(inForce()).isEqualTo("Environment remote (git remote)\nStack two (git remote)\n");

    shell.variables.put("MESH_ENV", "variable");
    assertThat(inForce()).isEqualTo("Environment variable (MESH_ENV)\nStack two (git remote)\n");
  }

  @Test
  void an_option_beats_all_and_may_stand_before_the_command() throws Exception {
    try (var controller = new FakeController()) {
      shell.signedInAt(controller).in("variable", "three");
      controller.answers("GET /v1/environments/option/stacks", "[]");

      assertThat(shell.mesh("stack", "ls", "-e", "option").code()).isEqualTo(ExitCode.OK);
      assertThat(shell.mesh("-e", "option", "stack", "ls").code()).isEqualTo(ExitCode.OK);
      assertThat(shell.mesh("stack", "--env=option", "ls").code()).isEqualTo(ExitCode.OK);
    }
  }

  @Test
  void a_choice_can_be_forgotten() {
    shell.mesh("use", "chosen");
    shell.mesh("use", "--clear");

    assertThat(inForce()).isEqualTo("Environment -\nStack -\n");
  }

  @Test
  void only_urls_of_a_stack_count() {
    assertThat(StackRemote.parse("ssh://git@127.0.0.1:7022/shop/web.git"))
        .contains(new StackRemote("127.0.0.1", 7022, WEB));
    assertThat(StackRemote.parse("ssh://[::1]:7022/shop/web"))
        .contains(new StackRemote("[::1]", 7022, WEB));
    assertThat(StackRemote.parse("git@mesh.example.org:shop/web.git"))
        .contains(new StackRemote("mesh.example.org", 22, WEB));
    assertThat(StackRemote.parse("https://example.org/shop/web.git")).isEmpty();
    assertThat(StackRemote.parse("ssh://git@host/../web.git")).isEmpty();
    assertThat(StackRemote.parse("ssh://git@host/a/b/c.git")).isEmpty();
  }

  @Test
  void a_stack_of_the_same_name_elsewhere_is_another() {
    var here = StackRemote.parse("ssh://git@mesh.example.org/shop/web.git");

    assertThat(StackRemote.parse("me@Mesh.example.org:/shop/web")).isEqualTo(here);
    assertThat(StackRemote.parse("ssh://mesh.example.org:22/shop/web/")).isEqualTo(here);
    assertThat(StackRemote.parse("ssh://git@mesh.example.org:7022/shop/web.git"))
        .isNotEqualTo(here);
    assertThat(StackRemote.parse("ssh://git@other.example.org/shop/web.git")).isNotEqualTo(here);
  }

  private static final Place WEB = new Place("shop", "web");
}
