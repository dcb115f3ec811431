package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("DEP-12")
class FailureReaderTest {
  @Test
  void what_a_buildpack_refuses_is_the_cause_and_its_try_the_next_step() {
    var refusals = List.of("no version fits", "Try: write another");
    var diagnosis = FailureReader.read("Node.js", 1, List.of("line"), refusals, false);

    assertThat(diagnosis.summary()).isEqualTo("no version fits");
    assertThat(diagnosis.nextStep()).isEqualTo("write another");
    assertThat(diagnosis.evidence()).containsExactly("line");
  }

  @Test
  void memory_and_disk_come_before_what_a_program_makes_of_them() {
    var refusals = List.of("npm failed");

    assertThat(FailureReader.read("x", 137, List.of(), refusals, true).summary())
        .isEqualTo("the build ran out of memory (limit 2048 MB)");
    assertThat(FailureReader.read("x", 1, List.of("ENOSPC: no space"), refusals, false).code())
        .isEqualTo("no-disk");
  }

  @Test
  void otherwise_the_exit_code_and_the_last_lines_are_all_there_is() {
    var diagnosis = FailureReader.read("Node.js", 3, List.of("boom"), List.of(), false);

    assertThat(diagnosis.summary()).isEqualTo("the build (Node.js) failed with exit code 3");
    assertThat(diagnosis.evidence()).containsExactly("boom");
  }
}
