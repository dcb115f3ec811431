package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProcessesTest {
  @Test
  void of_one_type_the_last_counts_and_of_defaults_the_last() {
    var merged =
        Processes.merge(
            List.of(
                List.of(process("web", "one", true), process("job", "two", false)),
                List.of(process("job", "three", true))));

    assertThat(merged).containsExactly(process("job", "three", true), process("web", "one", false));
  }

  @Test
  void a_default_that_is_redefined_without_saying_so_is_none() {
    var merged =
        Processes.merge(
            List.of(List.of(process("web", "one", true)), List.of(process("web", "two", false))));

    assertThat(merged).containsExactly(process("web", "two", false));
  }

  private static LaunchProcess process(String type, String command, boolean isDefault) {
    var words = List.of(command);
    return new LaunchProcess("", type, words, List.of(), words, isDefault, "");
  }
}
