package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TableTest {
  private static String printed(Table table, int width, boolean colours) {
    var bytes = new ByteArrayOutputStream();
    var stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    table.print(new Terminal(InputStream.nullInputStream(), stream, stream, width, colours, false));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static Table sample() {
    return Table.of("NAME", "STATE", "MESSAGE")
        .row("web.1", "live", "-")
        .row("worker.1", "failed", "ran out of memory while it read the whole file");
  }

  @Test
  void a_wide_enough_place_shows_everything() {
    assertThat(printed(sample(), Integer.MAX_VALUE, false))
        .isEqualTo(
            """
            NAME      STATE   MESSAGE
            web.1     live    -
            worker.1  failed  ran out of memory while it read the whole file
            """);
  }

  @Test
  void in_a_narrow_terminal_the_widest_column_gives_way() {
    assertThat(printed(sample(), 36, false))
        .isEqualTo(
            """
            NAME      STATE   MESSAGE
            web.1     live    -
            worker.1  failed  ran out of memory…
            """);
    assertThat(printed(sample(), 36, false).lines()).allMatch(line -> line.length() <= 36);
  }

  @Test
  void colours_do_not_move_columns() {
    var table = Table.of("STATE", "N").row(Table.Cell.state("live"), Table.Cell.of("1"));

    assertThat(printed(table, 80, true))
        .isEqualTo("\u001b[1mSTATE\u001b[0m  \u001b[1mN\u001b[0m\n\u001b[32mlive\u001b[0m   1\n");
  }

  @Test
  void a_line_break_in_a_value_stays_in_its_row() {
    assertThat(printed(Table.of("A").row("x\ny\u001b[2J"), 80, false)).isEqualTo("A\nx y [2J\n");
  }
}
