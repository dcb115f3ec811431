package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("CLI-1")
class HelpTest {
  private static final Path MANUAL = Path.of("..", "docs", "cli.md");

  @TempDir Path root;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell(root);
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  void every_command_explains_itself(Verb verb) {
    var args = (verb.path() + " --help").split(" ", -1);

    var help = shell.mesh(args);

    assertThat(help.code()).isEqualTo(ExitCode.OK);
    assertThat(help.out()).contains("Usage: mesh " + verb.path(), verb.summary(), "--help");
    assertThat(shell.mesh(("help " + verb.path()).split(" ", -1)).out()).isEqualTo(help.out());
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  void every_command_stands_in_the_manual(Verb verb) throws IOException {
    assertThat(Files.readString(MANUAL)).contains("`mesh " + verb.path());
  }

  @ParameterizedTest
  @EnumSource(ExitCode.class)
  void every_exit_code_stands_in_the_manual_and_in_the_help(ExitCode code) throws IOException {
    assertThat(Files.readString(MANUAL))
        .contains("| %d | %s |".formatted(code.value(), code.meaning()));
    assertThat(shell.mesh("help", "exit-codes").out())
        .contains(code.value() + "  " + code.meaning());
  }

  @Test
  void help_comes_without_any_command_for_groups_and_for_topics() {
    assertThat(shell.mesh().out()).contains("svc ls", "rollback", "mesh help exit-codes");
    assertThat(shell.mesh("--help").out()).isEqualTo(shell.mesh().out());
    assertThat(shell.mesh("help").out()).isEqualTo(shell.mesh().out());
    assertThat(shell.mesh("svc").out()).contains("svc update").doesNotContain("rollback");
    assertThat(shell.mesh("help", "targets").out()).contains("MESH_ENV");
    assertThat(shell.mesh("help", "variables").out()).contains("MESH_LOGIN");
    assertThat(shell.mesh("help", "exitcodes").err()).contains("mesh help exit-codes");
  }

  @Test
  void the_version_is_a_number() {
    assertThat(shell.mesh("--version").out()).matches("mesh [0-9]+\\.[0-9]+\\.[0-9]+\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void completion_knows_every_command(String name) {
    var script = shell.mesh("completion", name).out();

    for (var verb : Verb.values()) {
      assertThat(script).contains(verb.words());
    }
  }

  @Test
  void bash_completes_words_and_options() throws Exception {
    var script =
        Files.writeString(root.resolve("mesh.bash"), shell.mesh("completion", "bash").out());

    assertThat(completed(script, "mesh deplo")).isEqualTo("deploy deployment deployments");
    assertThat(completed(script, "mesh svc ")).isEqualTo("list ls set update");
    assertThat(completed(script, "mesh svc update web --inst")).isEqualTo("--instances");
  }

  private String completed(Path script, String line) throws Exception {
    var run =
        """
        source '%s'; read -ra COMP_WORDS <<< '%s'; [[ '%s' == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _mesh; printf '%%s\\n' "${COMPREPLY[@]}" | sort | xargs
        """
            .formatted(script, line, line);
    return shell.program("bash", "-c", run);
  }
}
