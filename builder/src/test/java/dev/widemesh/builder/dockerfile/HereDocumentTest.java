package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What BuildKit v0.34.2 itself finds in these lines.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-5")
class HereDocumentTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          <<EOF                          | EOF
          <<-EOF cat                     | -EOF
          cat <<A 3<<B >/x               | A, B
          <<'E OF'                       | E OF
          <<"EOF"                        | EOF
          <<E"O"F                        | EOF
          <<E\\OF                         | EOF
          << \t EOF                       | EOF
          <<$NAME                        | $NAME
          <<E${A}F                       | E${A}F
          echo ${A:-x} <<EOF             | EOF
          echo ${A:-'x <<B y'} <<EOF     | B, EOF
          echo $((1 << 2))               | 2))
          echo $((x << n ))              | n
          cat<<EOF                       | ~~
          echo $((1<<2))                 | ~~
          cat <<<word                    | ~~
          cat <<< word                   | ~~
          cat <<                         | ~~
          cat <<-                        | ~~
          <<E${A:-x}                     | ~~
          echo "<<EOF"                   | ~~
          echo '<<EOF'                   | ~~
          echo \\<<EOF                    | ~~
          echo it's <<EOF                | ~~
          echo ${A <<EOF                 | ~~
          ["cat", "<<EOF"]               | ~~
          [ -f "<<EOF" ]                 | ~~
          [ -f x ] && cat <<EOF          | EOF
          """)
  void words_announce_what_buildkit_takes_them_for(String line, String names) throws Exception {
    var found = HereDocument.in(new Instruction(1, "RUN", List.of(), line));

    assertThat(
            String.join(
                ", ",
                found.stream()
                    .map(document -> (document.tabs() ? "-" : "") + document.name())
                    .toList()))
        .isEqualTo(names);
  }

  @Test
  void a_shift_is_none_and_nobody_takes_it_for_one() throws Exception {
    for (var line : List.of("echo $((1 << 2))", "if (( x << 2 )); then y; fi", "x=$((1 << n))")) {
      var dockerfile = Dockerfile.parse("FROM a\nRUN " + line + "\nRUN b\n");

      assertThat(dockerfile.beyondClassic()).as(line).isEmpty();
      var written = Preparation.of(dockerfile, Map.of(), (_, name) -> name, "mark=1").text();
      assertThat(written).contains("\nRUN " + line + " #'\nRUN b\n");
      assertThat(Dockerfile.parse(written).instructions().get(2).documents()).isEmpty();
      assertThat(HereDocument.in(Dockerfile.parse(written).instructions().get(2))).isEmpty();
    }
    assertThat(Dockerfile.parse("FROM a\nRUN cat $((1 << 2))\nb\n2))\n").beyondClassic())
        .isPresent();
  }

  @Test
  void one_that_does_not_end_is_refused() {
    for (var line : List.of("cat <<EOF", "cat <<EOF && echo $((1+2))")) {
      assertThatThrownBy(() -> Dockerfile.parse("FROM a\nRUN " + line + "\necho\n"))
          .isInstanceOf(BuildRefused.class)
          .hasMessage("Dockerfile line 2: the here-document EOF does not end");
    }
    assertThatThrownBy(() -> Dockerfile.parse("FROM a\nCOPY ((x <<E )) /b\n"))
        .isInstanceOf(BuildRefused.class);
  }
}
