package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
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
  })
  void a_pattern_takes_what_it_names_and_all_below(String pattern, String path, boolean takes) {
    var slice = Slice.parse(Toml.parse("paths = [" + TomlFile.quote(pattern) + "]"));

    assertThat(slice.takes(path)).isEqualTo(takes);
  }
}
