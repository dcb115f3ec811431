package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DockerfileTest {
  @Test
  void comments_go_and_continued_lines_become_one() throws BuildRefused {
    var dockerfile =
        Dockerfile.parse(
            """
            # syntax=docker/dockerfile:1

              # a comment
            from widemesh/run:13
            RUN echo one \\
              # not part of it

              && echo two\s\s
            COPY --chown=1000:1000 a b /c/
            """);

    assertThat(dockerfile.instructions())
        .extracting(Instruction::line, Instruction::keyword, Instruction::flags, Instruction::rest)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(4, "FROM", java.util.List.of(), "widemesh/run:13"),
            org.assertj.core.groups.Tuple.tuple(
                5, "RUN", java.util.List.of(), "echo one   && echo two"),
            org.assertj.core.groups.Tuple.tuple(
                9, "COPY", java.util.List.of("--chown=1000:1000"), "a b /c/"));
  }

  @Test
  void another_escape_is_honoured() throws BuildRefused {
    var dockerfile = Dockerfile.parse("# escape=`\nFROM scratch\nCOPY a `\n C:\\\\\n");

    assertThat(dockerfile.escape()).isEqualTo('`');
    assertThat(dockerfile.instructions().getLast().rest()).isEqualTo("a  C:\\\\");
  }

  @Test
  void what_is_wrong_is_named_with_its_line() {
    refuses("FROM scratch\n\nRUM x\n", "Dockerfile line 3: there is no instruction 'RUM'");
    refuses("RUN x\n", "the Dockerfile has no FROM");
    refuses("", "the Dockerfile has no FROM");
    refuses("FROM scratch\nRUN --mount=\"x y\" z\n", "Dockerfile line 2: a flag is not right");
    refuses("FROM scratch\nRUN x\\\\\n", "Dockerfile line 2: the line does not end");
  }

  @Test
  @Timeout(10)
  void a_first_line_of_blanks_is_read_at_once() throws BuildRefused {
    for (var line : List.of("# a =" + " ".repeat(100_000) + ".", "#" + " ".repeat(100_000) + "a")) {
      assertThat(Dockerfile.parse(line + "\nFROM scratch\n").instructions()).hasSize(1);
    }
    refuses("FROM scratch\nCOPY " + "--a ".repeat(21) + "x\n", "more than 20 flags");
  }

  private static void refuses(String text, String words) {
    assertThatThrownBy(() -> Dockerfile.parse(text))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining(words);
  }
}
