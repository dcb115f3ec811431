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
          process("web", List.of("echo", "it's"), List.of("web $X"), true, ""),
          process("job", List.of("pwd"), List.of(), false, "/usr"),
          process("shell", List.of("/bin/bash", "-c", "echo $SEEN"), List.of(), false, ""));

  private final List<LaunchProcess> processes = new ArrayList<>(PROCESSES);

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
  void arguments_follow_those_of_a_process_of_an_older_api() throws Exception {
    var direct = "type = 'old'\ncommand = 'printf'\nargs = ['<%s>', 'a']\ndirect = true\n";
    var shell = "type = 'line'\ncommand = 'printf'\nargs = ['<%s>', '$GIVEN']\n";
    var script = "type = 'script'\ncommand = '[[ -n $GIVEN ]] && echo $GIVEN $0'\n";
    for (var each : List.of(direct, shell, script)) {
      processes.add(LaunchProcessTest.parse(8, each));
    }

    assertThat(run("old", "$GIVEN")).isEqualTo("<a><$GIVEN>");
    assertThat(run("line")).isEqualTo("<given>");
    assertThat(run("line", "x  $GIVEN")).isEqualTo("<given><x  given>");
    assertThat(run("script")).startsWith("given ");
  }

  @Test
  void after_two_dashes_comes_a_command_that_is_run_as_it_is() throws Exception {
    write("a/profile.d/x.sh", "export SEEN=profile");

    assertThat(run("launcher", "--", "printf", "<%s>", "a b", "--")).isEqualTo("<a b><-->");
    assertThat(run("launcher", "--", "/bin/sh", "-c", "echo [$SEEN]")).isEqualTo("[]");
    assertThat(exit("launcher", "--", "/cnb/process/job")).isEqualTo(127);
    assertThat(run("web", "--", "x")).isEqualTo("it's -- x");
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
  void the_variables_of_programs_of_exec_d_are_strings_of_each_kind() throws Exception {
    executable(
        "a/exec.d/all",
        """
        cat >&3 <<'END'
        # a comment
        PLAIN = "caf\\u00e9 \\"q\\" \\\\n"   # and another
        'RAW' = 'a\\n"b"'
        LINES = \"""
        one
          two \\
             three\"""
        RAWS = '''
        it's
        \\n'''
        EMPTY = ""
        "java.opts" = "no shell has it"
        "my-key" = 'nor this'
        LC_ALL = "C.UTF-8"
        LAST = "caf\u00e9"
        END
        """);

    assertThat(run("launcher", "printenv", "PLAIN")).isEqualTo("café \"q\" \\n");
    assertThat(run("launcher", "printenv", "RAW")).isEqualTo("a\\n\"b\"");
    assertThat(run("launcher", "printenv", "LINES")).isEqualTo("one\n  two three");
    assertThat(run("launcher", "printenv", "RAWS")).isEqualTo("it's\n\\n");
    assertThat(exit("launcher", "printenv", "EMPTY")).isZero();
    assertThat(run("launcher", "printenv", "LC_ALL")).isEqualTo("C.UTF-8");
    assertThat(run("launcher", "printenv", "LAST")).isEqualTo("café");
    assertThat(run("launcher", "env")).doesNotContain("java", "my-key");
  }

  @Test
  void what_such_a_program_writes_must_be_toml() throws Exception {
    executable("a/exec.d/broken", "echo 'A = 5' >&3");

    assertThat(run("launcher", "echo", "started"))
        .contains("broken wrote to descriptor 3")
        .doesNotContain("started");
    assertThat(exit("launcher", "true")).isEqualTo(82);
  }

  @Test
  void what_is_for_one_type_of_process_is_for_it_alone() throws Exception {
    executable("a/exec.d/all", "echo 'SEEN = \"all\"' >&3");
    executable("a/exec.d/shell/one", "echo \"SEEN = '$SEEN exec'\" >&3");
    write("a/profile.d/x.sh", "export SEEN=\"$SEEN profile\"");
    write("a/profile.d/shell/x.sh", "export SEEN=\"$SEEN own\"");
    write("a/profile.d/web/x.sh", "export SEEN=none");
    write("app/.profile", "export SEEN=\"$SEEN app\"");

    assertThat(run("shell")).isEqualTo("all exec profile own app");
    assertThat(run("launcher", "/bin/sh", "-c", "echo $SEEN")).isEqualTo("all profile app");
    assertThat(run("launcher", "printenv", "SEEN")).isEqualTo("all");
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
        .doesNotContain("/cnb/process")
        .doesNotContain("/cnb/lifecycle");
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

  private static LaunchProcess process(
      String type, List<String> command, List<String> args, boolean isDefault, String directory) {
    return new LaunchProcess("", type, command, args, command, isDefault, directory);
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
        LauncherScript.write(layers, processes)
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
