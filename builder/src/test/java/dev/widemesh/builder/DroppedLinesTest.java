package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.OutputLine.Draft;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DroppedLinesTest {
  @Test
  void the_last_lines_of_a_flood_are_told_and_how_many_are_not() {
    var lines = new DroppedLines();
    for (var i = 1; i <= 5_000; i++) {
      lines.drop(Draft.detail("line " + i));
    }

    var told = lines.tell().stream().map(Draft::text).toList();

    assertThat(told).hasSize(21).startsWith("... 4,980 lines dropped ...", "line 4981");
    assertThat(told).endsWith("line 5000");
    assertThat(lines.tell()).isEmpty();
  }
}
