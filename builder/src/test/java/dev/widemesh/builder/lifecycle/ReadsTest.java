package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-9")
class ReadsTest {
  @ParameterizedTest(name = "{0} reads {1}: {2}")
  @CsvSource({
    "package.json,   package.json,        true",
    "package.json,   web/package.json,    true",
    "package.json,   package.json5,       false",
    "package.json,   package.json/a.txt,  true",
    "/package.json,  package.json,        true",
    "/package.json,  web/package.json,    false",
    "web/*.toml,     web/a.toml,          true",
    "web/*.toml,     x/web/a.toml,        false",
    ".yarn,          .yarn/releases/y.js, true",
    ".yarn/,         web/.yarn/cache/a,   true",
    "*.patch,        patches/deep/a.patch, true",
    "*,              any/thing/at.all,    true",
    "/,              server.js,           true",
    "./,             server.js,           true",
    "./server.js,    server.js,           true",
    "./server.js,    web/server.js,       false",
    "/more/./a.txt,  more/a.txt,          true",
    "more//a.txt,    more/a.txt,          true",
    "/more/../a.txt, server.js,           true",
    "src/**/*.ts,    server.js,           true",
    "'{a,b}.js',     server.js,           true",
  })
  void a_pattern_names_files_and_folders(String pattern, String path, boolean reads) {
    assertThat(see(pattern, path, "one", "two")).isEqualTo(reads);
  }

  @Test
  void nothing_is_read_where_nothing_is_named() {
    assertThat(Reads.of(List.of()).see("server.js", bytes("a"), bytes("b"))).isFalse();
  }

  @Test
  void of_lines_only_those_with_the_text_count() {
    var pattern = "app.py\tFlask(\tdef create_app(";
    var app = "from flask import Flask\napp = Flask(__name__)\n\n%s\n";

    assertThat(see(pattern, "app.py", app.formatted("x = 1"), app.formatted("x = 2"))).isFalse();
    assertThat(see(pattern, "app.py", app.formatted("x"), app.formatted("b = Flask(x)"))).isTrue();
    assertThat(see(pattern, "app.py", "app = Flask(a)", "web = Flask(a)")).isTrue();
    assertThat(see(pattern, "app.py", "", "def create_app():")).isTrue();
    assertThat(see(pattern, "web/app.py", "Flask(a)\nFlask(b)", "Flask(b)\nFlask(a)")).isTrue();
    assertThat(see(pattern, "other.py", "", "app = Flask(a)")).isFalse();
  }

  @Test
  void what_is_no_text_has_no_lines() {
    assertThat(see("app.py\tFlask(", "app.py", "a", "a\0b")).isTrue();
    assertThat(
            Reads.of(List.of("app.py\tFlask("))
                .see("app.py", bytes("a"), ByteBuffer.wrap(new byte[] {'a', (byte) 0xff})))
        .isTrue();
  }

  @Test
  void a_text_outside_of_ascii_is_found() {
    assertThat(see("app.py\tгруппа", "app.py", "x = 'группа 1'", "x = 'группа 2'")).isTrue();
    assertThat(see("app.py\tгруппа", "app.py", "x = 'ряд 1'", "x = 'ряд 2'")).isFalse();
  }

  @Test
  void a_label_that_says_nothing_or_too_much_stands_for_everything() {
    assertThat(Reads.patterns("a.json\n b/c \n\n")).containsExactly("a.json", "b/c");
    assertThat(Reads.patterns("")).isEqualTo(Reads.EVERYTHING);
    assertThat(Reads.patterns(" \n\t\n")).isEqualTo(Reads.EVERYTHING);
    assertThat(Reads.patterns("a\n".repeat(1_001))).isEqualTo(Reads.EVERYTHING);
    assertThat(Reads.patterns("a".repeat(1_001))).isEqualTo(Reads.EVERYTHING);
  }

  @Test
  void what_takes_long_to_look_through_counts_as_seen() {
    var texts = "app.py" + "\ttext of it".repeat(2);
    var many = new StringBuilder("app.py");
    for (var i = 0; i <= 100; i++) {
      many.append("\ttext ").append(i);
    }

    assertThat(see(texts, "app.py", "a", "a\n".repeat(1_000))).isFalse();
    assertThat(see(texts, "app.py", "a", "a\n".repeat(200_000))).isTrue();
    assertThat(see(many.toString(), "app.py", "a", "b")).isTrue();
    assertThat(see("app.py\t" + "a".repeat(101), "app.py", "b", "c")).isTrue();
  }

  private static boolean see(String pattern, String path, String before, String after) {
    return Reads.of(List.of(pattern)).see(path, bytes(before), bytes(after));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
