package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ScreenTest {
  @Test
  void nothing_steers_the_terminal_of_whoever_pushes() {
    assertThat(Screen.clean("a\u001b[2Jb\u001b]0;title\u0007c")).isEqualTo("abc");
    assertThat(Screen.clean("a\u009b2Jb \u202ec\u0000")).isEqualTo("a2Jb c");
  }

  @Test
  void letters_of_all_alphabets_and_tabs_stay() {
    assertThat(Screen.clean("\tgrün 你好 🚀")).isEqualTo("\tgrün 你好 🚀");
  }
}
