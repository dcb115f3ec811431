package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.model.Nearest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ParsingTest {
  @Test
  void a_dotenv_file_has_comments_exports_quotes_and_values_over_several_lines() {
    var values =
        Dotenv.parse(
            """
            # a comment
            PLAIN=one two # why
            export URL=http://x/#anchor
            SINGLE='a\\n"b" # c'
            DOUBLE="a\\n\\"b\\" \\$c"
            KEY="line 1
            line 2"

            EMPTY=
              SPACED = x
            LAST=1""");

    assertThat(values)
        .containsEntry("PLAIN", "one two")
        .containsEntry("URL", "http://x/#anchor")
        .containsEntry("SINGLE", "a\\n\"b\" # c")
        .containsEntry("DOUBLE", "a\n\"b\" $c")
        .containsEntry("KEY", "line 1\nline 2")
        .containsEntry("EMPTY", "")
        .containsEntry("SPACED", "x")
        .containsEntry("LAST", "1")
        .hasSize(8);
  }

  @Test
  void a_line_that_is_none_is_named() {
    assertThatThrownBy(() -> Dotenv.parse("A=1\n\nnonsense\nB=2\n"))
        .isInstanceOf(Refusal.class)
        .hasMessage("line 3 is not like NAME=value");
  }

  @ParameterizedTest
  @CsvSource({"512m, 512000000", "1g, 1000000000", "1.5g, 1500000000", "16MB, 16000000"})
  void memory_is_counted_in_powers_of_ten(String text, long bytes) {
    assertThat(new Memory().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"512", "m", "-1m", "1t", "1 g", ""})
  void other_amounts_are_refused(String text) {
    assertThatThrownBy(() -> new Memory().convert(text)).hasMessageContaining("512m or 1g");
  }

  @ParameterizedTest
  @CsvSource({"1h, 3600", "15m, 900", "30s, 30"})
  void durations_have_a_unit(String text, long seconds) {
    assertThat(new Since().convert(text)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void the_nearest_word_takes_the_fewest_changes() {
    var words = List.of("logs", "login", "ls", "rollback");

    assertThat(Nearest.to("lgos", words)).contains("logs");
    assertThat(Nearest.to("rolback", words)).contains("rollback");
    assertThat(Nearest.to("roll", words)).contains("rollback");
    assertThat(Nearest.to("deploy", words)).isEmpty();
    assertThat(Nearest.to("ba", List.of("ab"))).contains("ab");
  }

  @ParameterizedTest
  @CsvSource({"400, 0.4s", "42000, 42s", "725000, 12m5s", "11100000, 3h5m", "273600000, 3d4h"})
  void times_are_short(long millis, String shown) {
    assertThat(Shown.duration(Duration.ofMillis(millis))).isEqualTo(shown);
  }
}
