package dev.widemesh.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows under headings, made to fit the terminal: the widest columns give way first.
final class Table {
  private static final int GAP = 2;
  private static final int NARROWEST = 5;

  private final List<List<Cell>> rows = new ArrayList<>();

  private Table(String... headings) {
    rows.add(Arrays.stream(headings).map(heading -> new Cell(heading, Colour.BOLD)).toList());
  }

  record Cell(String text, Colour colour) {
    Cell {
      text = text.replaceAll("[\\p{Cc}\\p{Cf}&&[^\\u200C\\u200D]]", " ");
    }

    static Cell of(String text) {
      return new Cell(text, Colour.PLAIN);
    }

    /// Coloured by what it says.
    static Cell state(String word) {
      return new Cell(word, Colour.of(word));
    }

    int width() {
      return text.codePointCount(0, text.length());
    }

    String fitted(int width) {
      return width() <= width
          ? text
          : text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
    }
  }

  static Table of(String... headings) {
    return new Table(headings);
  }

  Table row(String... texts) {
    return row(Arrays.stream(texts).map(Cell::of).toArray(Cell[]::new));
  }

  Table row(Cell... cells) {
    rows.add(List.of(cells));
    return this;
  }

  void print(Terminal terminal) {
    var widths = widths(terminal.width());
    for (var row : rows) {
      terminal.say(line(row, widths, terminal));
    }
  }

  private static String line(List<Cell> row, int[] widths, Terminal terminal) {
    var last = row.size() - 1;
    return IntStream.rangeClosed(0, last)
        .mapToObj(i -> padded(row.get(i), widths[i], i == last, terminal))
        .collect(Collectors.joining(" ".repeat(GAP)))
        .stripTrailing();
  }

  private static String padded(Cell cell, int width, boolean last, Terminal terminal) {
    var text = cell.fitted(width);
    var pad = last ? 0 : width - text.codePointCount(0, text.length());
    return terminal.paint(cell.colour(), text) + " ".repeat(pad);
  }

  private int[] widths(int room) {
    var widths = new int[rows.getFirst().size()];
    for (var row : rows) {
      for (var i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).width());
      }
    }
    var excess = Arrays.stream(widths).asLongStream().sum() + GAP * (widths.length - 1L) - room;
    for (; excess > 0; excess--) {
      var widest = widest(widths);
      if (widths[widest] <= NARROWEST) {
        break;
      }
      widths[widest]--;
    }
    return widths;
  }

  private static int widest(int[] widths) {
    return IntStream.range(0, widths.length).reduce(0, (a, b) -> widths[b] > widths[a] ? b : a);
  }
}
