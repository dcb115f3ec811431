package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script `./mesh` in a copy of the repository, with jars made of what is under test.
@DisplayNameGeneration(ReplaceUnderscores.class)
class LauncherTest {
  private static final Map<String, String> FOLDERS =
      Map.of(
          "cli/target/classes",
          "cli",
          "api/target/classes",
          "api",
          "model/target/classes",
          "model");

  @TempDir Path root;
  private Shell shell;
  private Path script;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell(root);
    shell.variables.put("JAVA_HOME", System.getProperty("java.home"));
    script = Files.createDirectories(root.resolve("a copy")).resolve("mesh");
    Files.copy(Path.of("..", "mesh"), script, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private void build() throws IOException {
    var libs = Files.createDirectories(script.resolveSibling("all-in-one/target/lib"));
    for (var part : System.getProperty("java.class.path").split(":", -1)) {
      var path = Path.of(part);
      if (part.endsWith(".jar")) {
        Files.copy(path, libs.resolve(path.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
      for (var folder : FOLDERS.entrySet()) {
        if (part.endsWith(folder.getKey())) {
          jar(path, libs.resolve(folder.getValue() + "-0.jar"));
        }
      }
    }
  }

  private static void jar(Path folder, Path jar) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(folder).filter(Files::isRegularFile)) {
      for (var file : files.toList()) {
        out.putNextEntry(new JarEntry(folder.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
  }

  @Test
  void before_the_build_it_says_what_to_do() {
    assertThatThrownBy(() -> shell.program(script.toString(), "--version"))
        .hasMessageContaining("mesh: it is not built yet")
        .hasMessageContaining("./widemesh build");
  }

  @Test
  void it_runs_from_anywhere_through_a_link() throws Exception {
    build();
    var link = Files.createSymbolicLink(root.resolve("linked"), Path.of("a copy", "mesh"));

    assertThat(shell.program(link.toString(), "--version")).startsWith("mesh ");
    assertThat(shell.program("bash", "-c", "PATH=$PATH:..; cd ../shop && linked svc ls --help"))
        .contains("Usage: mesh svc ls");
  }

  @Test
  void an_error_is_told_by_the_exit_code_too() throws Exception {
    build();

    assertThat(shell.program("bash", "-c", "'%s' nonsense; echo $?".formatted(script)))
        .contains("there is no command 'mesh nonsense'")
        .endsWith("\n2");
  }

  @Test
  void what_is_done_on_the_platform_itself_is_handed_to_the_program_beside_it() throws Exception {
    build();
    var operator = script.resolveSibling("widemesh");
    Files.writeString(operator, "#!/bin/sh\nprintf '<%s>' \"$@\"\nexit 3\n");
    assertThat(operator.toFile().setExecutable(true)).isTrue();
    var here = shell.directory;

    assertThat(calling("backup --with-keys 'a file' --data d --json"))
        .isEqualTo(
            "<backup><%s/a file><--with-keys><--json><--data><%s/d>61".formatted(here, here));
    assertThat(calling("restore x --key k"))
        .isEqualTo("<restore><%s/x><--key><%s/k>61".formatted(here, here));
    Files.delete(operator);
    assertThat(calling("backup x")).contains("on the platform's machine").endsWith("\n60");
  }

  private String calling(String words) throws Exception {
    return shell.program("bash", "-c", "'%s' %s; echo $?".formatted(script, words));
  }
}
