package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the script with the machine's bash, on layers and an app folder of its own.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
@Tag("BLD-7")
class LauncherScriptTest {
  private static final List<LaunchProcess> PROCESSES =
      List.of(
          new LaunchProcess("web", List.of("echo", "it's"), List.of("web $X"), true, ""),
          new LaunchProcess("job", List.of("pwd"), List.of(), false, "/usr"));

  @TempDir Path root;

  @BeforeEach
  void folders() throws IOException {
    Files.createDirectories(root.resolve("a"));
    Files.createDirectories(root.resolve("b"));
    Files.createDirectories(root.resolve("app"));
  }

  @Test
  void arguments_are_run_exactly_as_given() throws Exception {
    assertThat(run("launcher", "printf", "<%s>", "a b", "$HOME", "*")).isEqualTo("<a b><$HOME><*>");
  }

  @Test
  void a_shell_command_sees_the_environment() throws Exception {
    write("a/env/NAME", "value");

    assertThat(run("launcher", "/bin/sh", "-c", "echo ${NAME:-none} ${OTHER:-none}"))
        .isEqualTo("value none");
  }

  @Test
  void called_by_a_process_type_it_runs_that_one() throws Exception {
    assertThat(run("web")).isEqualTo("it's web $X");
    assertThat(run("web", "other")).isEqualTo("it's other");
    assertThat(run("job")).isEqualTo("/usr");
  }

  @Test
  void a_process_can_be_named_by_the_first_argument_too() throws Exception {
    write("a/env.launch/job/OF_JOB", "yes");

    assertThat(run("launcher", "/cnb/process/job")).isEqualTo("/usr");
    assertThat(run("launcher", "/cnb/process/web", "other")).isEqualTo("it's other");
    assertThat(exit("launcher", "/cnb/process/none")).isEqualTo(127);
  }

  @Test
  void without_arguments_the_default_process_runs() throws Exception {
    assertThat(run("launcher")).isEqualTo("it's web $X");
  }

  @Test
  void folders_of_later_layers_come_first_in_the_path() throws Exception {
    executable("a/bin/tool", "echo a");
    executable("b/bin/tool", "echo b");

    assertThat(run("launcher", "tool")).isEqualTo("b");
  }

  @Test
  void environment_files_set_join_and_default() throws Exception {
    write("a/env/SET", "one");
    write("a/env.launch/SET.append", "two");
    write("a/env.launch/SET.delim", "+");
    write("b/env.launch/SET.default", "never");
    write("b/env.launch/FRESH.default", "fresh");
    write("b/env.launch/GIVEN.prepend", "x");
    write("b/env.build/SET", "not at launch");

    assertThat(run("launcher", "/bin/sh", "-c", "echo $SET $FRESH $GIVEN"))
        .isEqualTo("one+two fresh xgiven");
  }

  @Test
  void contents_count_to_the_byte() throws Exception {
    write("a/env/LINES", "one\n\ntwo\n");

    assertThat(run("launcher", "/bin/sh", "-c", "printf '%s|' \"$LINES\""))
        .isEqualTo("one\n\ntwo\n|");
  }

  @Test
  void variables_of_one_process_type_are_for_it_alone() throws Exception {
    write("a/env.launch/job/PWD_IS", "job");
    write("a/env.launch/web/X", "unused");

    assertThat(run("launcher", "/bin/sh", "-c", "echo [$PWD_IS]")).isEqualTo("[]");
  }

  @Test
  void programs_of_exec_d_add_variables_and_their_output_is_output() throws Exception {
    executable("a/exec.d/hello", "echo seen; echo 'FROM = \"a \\\"b\\\" c\"' >&3");

    assertThat(run("launcher", "/bin/sh", "-c", "echo $FROM")).isEqualTo("seen\na \"b\" c");
  }

  @Test
  void a_program_of_exec_d_that_fails_stops_the_start() throws Exception {
    executable("a/exec.d/broken", "exit 3");

    assertThat(run("launcher", "echo", "started"))
        .contains("broken failed")
        .doesNotContain("start");
  }

  @Test
  void profiles_are_for_shells_only() throws Exception {
    write("a/profile.d/x.sh", "export PROFILE=yes");

    assertThat(run("launcher", "/bin/sh", "-c", "echo $PROFILE")).isEqualTo("yes");
    assertThat(run("launcher", "printenv", "PROFILE")).isEmpty();
  }

  @Test
  void what_is_the_platforms_own_is_hidden() throws Exception {
    assertThat(run("launcher", "env"))
        .doesNotContain("CNB_")
        .doesNotContain("__wm")
        .doesNotContain("/cnb/");
  }

  @Test
  void short_names_of_the_app_are_not_overwritten() throws Exception {
    assertThat(run("launcher", "/bin/sh", "-c", "echo $file $name $value $i")).isEqualTo("f n v i");
  }

  @Test
  void the_exit_code_is_the_programs() throws Exception {
    assertThat(exit("launcher", "/bin/sh", "-c", "exit 7")).isEqualTo(7);
    assertThat(exit("launcher", "no-such-program")).isEqualTo(127);
  }

  @Test
  void the_same_processes_make_the_same_script() {
    var layers = List.of(List.of("/layers/a/x"));

    assertThat(LauncherScript.write(layers, PROCESSES))
        .isEqualTo(LauncherScript.write(layers, List.copyOf(PROCESSES)));
  }

  private void write(String name, String content) throws IOException {
    Files.createDirectories(root.resolve(name).getParent());
    Files.writeString(root.resolve(name), content);
  }

  private void executable(String name, String line) throws IOException {
    write(name, "#!/bin/sh\n" + line + "\n");
    Files.setPosixFilePermissions(root.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String run(String... command) throws Exception {
    var process = start(command);
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  private int exit(String... command) throws Exception {
    var process = start(command);
    process.getInputStream().readAllBytes();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private Process start(String... command) throws IOException {
    var layers = List.of(List.of(root.resolve("a").toString()), List.of("" + root.resolve("b")));
    var script =
        LauncherScript.write(layers, PROCESSES)
            .replace("__wm_app=/workspace", "__wm_app=" + root.resolve("app"));
    var file = root.resolve(command[0]);
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    var words = new ArrayList<>(List.of(command));
    words.set(0, file.toString());
    var builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", "/cnb/process:/cnb/lifecycle:/usr/bin:/bin",
                "CNB_APP_DIR", "/workspace",
                "GIVEN", "given",
                "file", "f",
                "name", "n",
                "value", "v",
                "i", "i"));
    return builder.start();
  }
}
