package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.model.SourcePath;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SourcePathTest {
  @ParameterizedTest
  @CsvSource({"services/api, services/api", "./a//b/, a/b", "a b/.c, a b/.c", "..a, ..a"})
  void however_it_is_spelt_it_is_one_path(String typed, String path) {
    assertThat(SourcePath.parse(typed)).contains(new SourcePath(path));
    assertThat(new SourcePath(typed).value()).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "./", "./."})
  void the_top_is_empty(String typed) {
    assertThat(new SourcePath(typed).isTop()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc", "..", "a/../b", "a/..", "a\\b", "a\nb", "a\u0000", "a\u202eb"})
  void what_leads_elsewhere_is_none(String typed) {
    assertThat(SourcePath.parse(typed)).isEmpty();
    assertThat(SourcePath.refusal(typed)).isPresent();
    assertThatThrownBy(() -> new SourcePath(typed)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void there_is_a_bound_to_its_length() {
    assertThat(SourcePath.parse("a".repeat(300))).isPresent();
    assertThat(SourcePath.refusal("a".repeat(301)).orElse("")).hasSizeLessThan(150);
  }
}
