package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tomlj.Toml;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class LaunchProcessTest {
  @Test
  void a_list_is_run_as_it_is() {
    var process = parse("type = 'web'\ncommand = ['echo', '$X']\nargs = ['a b']\n");

    assertThat(process.argv()).containsExactly("echo", "$X", "a b");
  }

  @Test
  void a_string_is_a_line_for_the_shell_and_with_direct_a_program() {
    assertThat(parse("type = 'web'\ncommand = 'echo $X'\n").argv())
        .containsExactly("/bin/sh", "-c", "echo $X");
    assertThat(parse("type = 'web'\ncommand = 'echo'\nargs = ['$X']\ndirect = true\n").argv())
        .containsExactly("echo", "$X");
  }

  @Test
  void arguments_of_a_string_are_words_of_their_own_that_the_shell_expands() throws Exception {
    var process = parse("type = 'web'\ncommand = 'printf'\nargs = ['<%s>', '$X', 'a  b', '*']\n");

    assertThat(run(process.argv())).isEqualTo("<x  y><a  b><*>");
  }

  private static LaunchProcess parse(String toml) {
    return LaunchProcess.parse(Toml.parse(toml)).orElseThrow();
  }

  private static String run(List<String> argv) throws Exception {
    var builder = new ProcessBuilder(argv).redirectErrorStream(true);
    builder.environment().put("X", "x  y");
    var process = builder.start();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return text;
  }
}
