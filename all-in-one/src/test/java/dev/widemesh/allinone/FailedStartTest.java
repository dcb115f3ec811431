package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The platform of a test that does not start is left nowhere.
@DisplayNameGeneration(ReplaceUnderscores.class)
class FailedStartTest {
  @TempDir Path disk;

  /// PostgreSQL's own user goes through it.
  @BeforeEach
  void open() throws IOException {
    Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Test
  void one_that_up_refuses_leaves_no_folder() {
    assertThatThrownBy(() -> TestPlatform.startOn(disk, Map.of(), "--domain", "a/b"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("does not start: ")
        .hasMessageContaining("--domain is 'a/b': ");

    assertThat(disk).isEmptyDirectory();
  }

  /// It is up, and then nobody can log in.
  @Test
  @Tag("alone")
  @Tag("nightly")
  void one_that_fails_after_up_leaves_neither_processes_nor_rules() {
    var nowhere = Map.of("MESH_LOGIN", "FOLDER/none/login.json");
    var rules = rules();

    assertThatThrownBy(() -> TestPlatform.startOn(disk, nowhere))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("does not start: ")
        .hasMessageContaining("control.log");

    assertThat(disk).isEmptyDirectory();
    assertThat(ProcessHandle.allProcesses())
        .noneMatch(process -> process.info().commandLine().orElse("").contains(disk.toString()));
    assertThat(rules()).isEqualTo(rules);
  }

  private static long rules() {
    return Shell.printed("iptables", "-S")
        .lines()
        .filter(rule -> rule.startsWith("-N WM-"))
        .count();
  }
}
