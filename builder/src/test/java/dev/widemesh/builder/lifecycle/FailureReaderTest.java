package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Strain;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("DEP-12")
class FailureReaderTest {
  private static final DiskSpace ROOMY = new DiskSpace(Path.of("/"), 10, 90);
  private static final DiskSpace FULL = new DiskSpace(Path.of("/"), 99, 1);

  private static Diagnosis read(
      int exitCode, String line, List<String> refusals, Strain strain, DiskSpace space) {
    var tail = List.of(line);
    var failure = new FailureReader.Failure("Node.js", exitCode, tail, refusals, strain, space);
    return FailureReader.read(failure, BuildLimits.USUAL);
  }

  @Test
  void what_a_buildpack_refuses_is_the_cause_and_its_try_the_next_step() {
    var refusals = List.of("no version fits", "Try: write another");
    var diagnosis = read(1, "line", refusals, Strain.NONE, ROOMY);

    assertThat(diagnosis.summary()).isEqualTo("no version fits");
    assertThat(diagnosis.nextStep()).isEqualTo("write another");
    assertThat(diagnosis.evidence()).containsExactly("line");
  }

  @Test
  void memory_processes_and_disk_come_before_what_a_program_makes_of_them() {
    var refusals = List.of("npm failed");

    assertThat(read(137, "", refusals, new Strain(1, 3), ROOMY).summary())
        .isEqualTo("the build ran out of memory (limit 2000 MB)");
    assertThat(read(2, "", refusals, new Strain(0, 3), ROOMY).summary())
        .isEqualTo("the build started too many processes (limit 512 at once)");
    assertThat(read(1, "ENOSPC: no space", refusals, Strain.NONE, FULL).code())
        .isEqualTo("no-disk");
    assertThat(read(1, "ENOSPC: no space", refusals, Strain.NONE, ROOMY).summary())
        .isEqualTo("the build filled /tmp (limit 1000 MB)");
  }

  @Test
  void a_disk_counts_as_full_by_its_share_and_by_what_is_left() {
    assertThat(new DiskSpace(Path.of("/"), 89, 11).isNearlyFull()).isFalse();
    assertThat(new DiskSpace(Path.of("/"), 90, 10).isNearlyFull()).isTrue();
    var large = 1_000_000_000_000L;
    assertThat(new DiskSpace(Path.of("/"), 91 * large, 9 * large).isNearlyFull()).isFalse();
    assertThat(new DiskSpace(Path.of("/"), 96, 4).isFull()).isTrue();
    assertThat(new DiskSpace(Path.of("/"), 96 * large, 4 * large).isFull()).isFalse();
  }

  @Test
  void otherwise_the_exit_code_and_the_last_lines_are_all_there_is() {
    var diagnosis = read(3, "boom", List.of(), Strain.NONE, ROOMY);

    assertThat(diagnosis.summary()).isEqualTo("the build (Node.js) failed with exit code 3");
    assertThat(diagnosis.evidence()).containsExactly("boom");
  }
}
