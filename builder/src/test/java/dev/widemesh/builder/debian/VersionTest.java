package dev.widemesh.builder.debian;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class VersionTest {
  @ParameterizedTest
  @CsvSource({
    "1.0, 1.0.1",
    "1.9, 1.10",
    "1.0~rc1, 1.0",
    "1.0-1, 1.0-1+deb13u1",
    "9.9, 1:0.1",
    "3.5.1-1+deb13u1, 3.5.1-1+deb13u2",
    "2.41-12, 2.41-12+deb13u1",
    "1.0a, 1.0+b",
    "1.2-3~bpo13+1, 1.2-3",
  })
  void the_second_is_newer(String older, String newer) {
    assertThat(new Version(older)).isLessThan(new Version(newer));
    assertThat(new Version(newer)).isGreaterThan(new Version(older));
    assertThat(new Version(newer)).isEqualByComparingTo(new Version(newer));
  }
}
