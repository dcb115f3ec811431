package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tomlj.Toml;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class SliceTest {
  @ParameterizedTest(name = "{0} takes {1}: {2}")
  @CsvSource({
    "public,         public/a/b.css, true",
    "public/,        public/a,       true",
    "./public/*,     public/a,       true",
    "/public,        public/a,       true",
    "public,         publicity,      false",
    "public,         a/public,       false",
    "*.html,         index.html,     true",
    "*.html,         docs/x.html,    false",
    "*/*.html,       docs/x.html,    true",
    "a?c,            abc,            true",
    "a?c,            a/c,            false",
    "[a-c].txt,      b.txt,          true",
    "[^a-c].txt,     b.txt,          false",
    "[^a-c].txt,     d.txt,          true",
    "'\\*.txt',      *.txt,          true",
    "'\\*.txt',      a.txt,          false",
    "a+(b).txt,      a+(b).txt,      true",
    "[.txt,          [.txt,          true",
    "a*b*c,          aXbYbZc,        true",
    "a*b*c,          aXbYcZ,         false",
  })
  void a_pattern_takes_what_it_names_and_all_below(String pattern, String path, boolean takes)
      throws BuildRefused {
    assertThat(slice(pattern).takes(path)).isEqualTo(takes);
  }

  private static Slice slice(String pattern) throws BuildRefused {
    return Slice.parse(List.of(Toml.parse("paths = [" + TomlFile.quote(pattern) + "]"))).getFirst();
  }

  /// A matcher that tries all ways to share the letters among the stars would not end.
  @Test
  @Timeout(10)
  void many_stars_cost_no_time() throws BuildRefused {
    assertThat(slice("*a".repeat(200) + "*b").takes("a".repeat(250))).isFalse();
    assertThat(slice("*a".repeat(200) + "*").takes("a".repeat(250))).isTrue();
  }

  @Test
  void too_many_are_refused() {
    var paths = String.join(",", Collections.nCopies(1_000, "'a'"));

    assertThatThrownBy(() -> Slice.parse(List.of(Toml.parse("paths = [" + paths + "]"))))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("more than 1,000 slices");
  }
}
