package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TerminalTextTest {
  @Test
  void colours_titles_and_control_characters_go() {
    assertThat(
            TerminalText.clean("\u001B[31mred\u001B[0m \u001B]0;title\u0007and\u0000 \u0008plain"))
        .isEqualTo("red and plain");
  }

  @Test
  void of_a_progress_bar_the_last_state_stays() {
    assertThat(TerminalText.clean("10 %\r50 %\r100 %\r")).isEqualTo("100 %");
  }

  @Test
  void letters_of_all_alphabets_and_tabs_stay() {
    assertThat(TerminalText.clean("\tgrün 你好 🚀")).isEqualTo("\tgrün 你好 🚀");
  }
}
