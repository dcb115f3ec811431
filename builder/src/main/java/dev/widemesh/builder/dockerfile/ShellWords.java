package dev.widemesh.builder.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// Cuts a text into words exactly as BuildKit does to find here-documents: `\` escapes, quotes
/// join, `<<` takes the spaces after it along, and no variable is set. So a `${NAME:-...}` stays as
/// it is, what it holds is read as words of its own, and a word that it ends in loses what came
/// before it.
final class ShellWords {
  private static final int END = -1;

  /// The text ends in the middle of a quote or of a variable.
  static final class Unfinished extends Exception {
    private static final long serialVersionUID = 1;

    Unfinished(String what) {
      super(what);
    }
  }

  private final int[] text;
  private final boolean rawQuotes;
  private final StringBuilder word = new StringBuilder();
  private boolean rawEscapes;
  private int at;

  private ShellWords(String text, boolean raw) {
    this.text = text.codePoints().toArray();
    this.rawQuotes = raw;
    this.rawEscapes = raw;
  }

  /// With quotes and escapes as they are written.
  static List<String> raw(String text) throws Unfinished {
    return words(text, true);
  }

  /// Without quotes and escapes.
  static List<String> plain(String text) throws Unfinished {
    return words(text, false);
  }

  private static List<String> words(String text, boolean raw) throws Unfinished {
    var found = new ArrayList<String>();
    var _ = new ShellWords(text, raw).readTo(END, raw, false, found);
    return found;
  }

  private int peek() {
    return at < text.length ? text[at] : END;
  }

  private int next() {
    return at < text.length ? text[at++] : END;
  }

  /// Up to `stop`, whose words go into `found`; `pattern` doubles escapes in quotes. A word that
  /// another reading was at when this one began is lost to it.
  private String readTo(int stop, boolean raw, boolean pattern, List<String> found)
      throws Unfinished {
    var before = rawEscapes;
    rawEscapes = raw;
    word.setLength(0);
    var read = new StringBuilder();
    while (peek() != END && peek() != stop) {
      read.append(piece(pattern, found));
    }
    if (peek() != stop) {
      throw new Unfinished("there is no " + Character.toString(stop));
    }
    next();
    end(found);
    rawEscapes = before;
    return read.toString();
  }

  private String piece(boolean pattern, List<String> found) throws Unfinished {
    return switch (peek()) {
      case '$' -> {
        var variable = variable();
        variable.codePoints().forEach(c -> letter(c, found));
        yield variable;
      }
      case '<' -> joined(arrows());
      case '\'' -> joined(inSingleQuotes(pattern));
      case '"' -> joined(inDoubleQuotes(pattern));
      case '\\' -> joined(escaped());
      default -> {
        var c = next();
        letter(c, found);
        yield Character.toString(c);
      }
    };
  }

  private String joined(String piece) {
    word.append(piece);
    return piece;
  }

  private void letter(int c, List<String> found) {
    if (isSpace(c)) {
      end(found);
    } else {
      word.appendCodePoint(c);
    }
  }

  private void end(List<String> found) {
    if (!word.isEmpty()) {
      found.add(word.toString());
      word.setLength(0);
    }
  }

  private String escaped() {
    var escape = Character.toString(next());
    return (rawEscapes ? escape : "") + (peek() == END ? "" : Character.toString(next()));
  }

  private String arrows() {
    next();
    if (peek() != '<') {
      return "<";
    }
    next();
    return "<<" + take(c -> c == ' ' || c == '\t' || c == '\r');
  }

  private String take(IntPredicate wanted) {
    var taken = new StringBuilder();
    while (peek() != END && wanted.test(peek())) {
      taken.appendCodePoint(next());
    }
    return taken.toString();
  }

  private String inSingleQuotes(boolean pattern) throws Unfinished {
    next();
    var inside = take(c -> c != '\'');
    close('\'');
    return quoted("'", pattern ? inside.replace("\\", "\\\\") : inside);
  }

  private String inDoubleQuotes(boolean pattern) throws Unfinished {
    next();
    var inside = new StringBuilder();
    while (peek() != END && peek() != '"') {
      switch (peek()) {
        case '$' -> inside.append(variable());
        case '\\' -> inside.append(escapedInQuotes(pattern));
        default -> inside.appendCodePoint(next());
      }
    }
    close('"');
    return quoted("\"", inside.toString());
  }

  private void close(int quote) throws Unfinished {
    if (next() != quote) {
      throw new Unfinished("a quote is open");
    }
  }

  private String quoted(String quote, String inside) {
    return rawQuotes ? quote + inside + quote : inside;
  }

  private String escapedInQuotes(boolean pattern) {
    var escape = Character.toString(next());
    return switch (peek()) {
      case END -> "";
      case '"', '$', '\\' -> (rawEscapes ? escape : "") + Character.toString(next());
      default -> (rawEscapes && (!rawQuotes || pattern) ? escape : "") + escape;
    };
  }

  private String variable() throws Unfinished {
    next();
    return peek() == '{' ? inBraces() : "$" + name();
  }

  private String inBraces() throws Unfinished {
    next();
    if (peek() == END || "{}:".indexOf(peek()) >= 0) {
      throw new Unfinished("a variable has no name");
    }
    var name = name();
    var operator = next();
    return switch (operator) {
      case '}' -> "${" + name + "}";
      case ':' -> {
        var second = next();
        if (second == END || second == '#' || second == '%') {
          throw new Unfinished("there is no such operator");
        }
        yield "${" + name + ":" + Character.toString(second) + inner('}', false, false) + "}";
      }
      case '+', '-', '?' ->
          "${" + name + Character.toString(operator) + inner('}', false, false) + "}";
      case '#', '%' -> "${" + name + Character.toString(operator) + inner('}', true, true) + "}";
      case '/' -> {
        if (peek() == '/') {
          next();
        }
        yield "${" + name + "/" + inner('/', true, true) + "/" + inner('}', true, false) + "}";
      }
      default -> throw new Unfinished("there is no such operator");
    };
  }

  private String inner(int stop, boolean raw, boolean pattern) throws Unfinished {
    return readTo(stop, raw, pattern, new ArrayList<>());
  }

  private String name() {
    if (Character.isDigit(peek())) {
      return take(Character::isDigit);
    }
    if (peek() != END && "@*#?-$!".indexOf(peek()) >= 0) {
      return Character.toString(next());
    }
    return take(c -> Character.isLetter(c) || Character.isDigit(c) || c == '_');
  }

  /// What Unicode calls white space.
  private static boolean isSpace(int c) {
    return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == 0x85;
  }
}
