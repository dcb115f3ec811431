package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tomlj.Toml;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class LaunchProcessTest {
  @Test
  void a_list_is_run_as_it_is_and_a_users_arguments_replace_the_usual() throws Exception {
    var process = parse(9, "type = 'web'\ncommand = ['echo', '$X']\nargs = ['a b']\n");

    assertThat(process.argv()).containsExactly("echo", "$X", "a b");
    assertThat(process.given()).containsExactly("echo", "$X");
  }

  @Test
  void a_string_is_a_line_for_bash_and_with_direct_a_program() throws Exception {
    assertThat(parse(8, "type = 'web'\ncommand = 'echo $X'\n").argv())
        .containsExactly("/bin/bash", "-c", "echo $X");
    var direct = parse(8, "type = 'web'\ncommand = 'echo'\nargs = ['$X']\ndirect = true\n");
    assertThat(direct.argv()).containsExactly("echo", "$X");
    assertThat(direct.given()).containsExactly("echo", "$X");
  }

  @Test
  void arguments_of_a_string_are_words_of_their_own_that_the_shell_expands() throws Exception {
    var process =
        parse(8, "type = 'web'\ncommand = 'printf'\nargs = ['<%s>', '$X', 'a  b', '*']\n");

    assertThat(run(process.argv())).isEqualTo("<x  y><a  b><*>");
    var more = new ArrayList<>(process.given());
    more.add("$X$X");
    assertThat(run(more)).isEqualTo("<x  y><a  b><*><x  yx  y>");
  }

  @Test
  void a_working_directory_counts_from_api_8_on() throws Exception {
    var toml = "type = 'web'\ncommand = 'pwd'\nworking-dir = '/usr'\n";

    assertThat(parse(7, toml).workingDirectory()).isEmpty();
    assertThat(parse(8, toml).workingDirectory()).isEqualTo("/usr");
  }

  @Test
  void what_is_for_tests_or_development_alone_is_none() throws Exception {
    var toml = "type = 'web'\ncommand = ['x']\nexec-env = ";

    assertThat(LaunchProcess.parse(Toml.parse(toml + "['test', 'development']"), of(12))).isEmpty();
    assertThat(LaunchProcess.parse(Toml.parse(toml + "['test', 'production']"), of(12)))
        .isPresent();
    assertThat(LaunchProcess.parse(Toml.parse(toml + "['*']"), of(12))).isPresent();
    assertThat(LaunchProcess.parse(Toml.parse(toml + "[]"), of(12))).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "9  | type = 'web'; command = ['x']; direct = false | says direct, which its API no longer has",
        "9  | type = 'web'; command = 'x'                   | must have a list of words under command",
        "12 | type = 'web'; command = []                    | must have a list of words under command",
        "8  | type = 'web'; command = ['x']                 | must have one string under command",
        "8  | type = 'web'                                  | must have one string under command",
        "10 | type = '../web'; command = ['x']              | must be named with letters",
      })
  void what_its_api_does_not_have_is_refused(int api, String toml, String why) {
    assertThatThrownBy(() -> parse(api, toml.replace("; ", "\n")))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("of the buildpack acme/x, of API 0." + api)
        .hasMessageContaining(why);
  }

  static LaunchProcess parse(int api, String toml) throws BuildRefused {
    return LaunchProcess.parse(Toml.parse(toml), of(api)).orElseThrow();
  }

  private static Buildpack of(int api) {
    var none = List.<List<Buildpack.Member>>of();
    var ours = Buildpack.Origin.OURS;
    return new Buildpack(api, "acme/x", "1", true, false, "", none, List.of(), List.of(), "", ours);
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
