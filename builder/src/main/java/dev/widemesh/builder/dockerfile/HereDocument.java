package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What a word such as `<<EOF` announces: the lines after the instruction, up to `name`. With
/// `tabs` (`<<-EOF`) those before the name do not count.
///
/// Which words announce one BuildKit alone decides. What it might read otherwise than we do is
/// refused: lines that are a document to one are instructions to the other.
record HereDocument(String name, boolean tabs) {
  private static final Pattern WORD = Pattern.compile("\\d*<<(-?)[ \\t]*([^<]*)");
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_]+|\"[A-Za-z0-9_]+\"|'[A-Za-z0-9_]+'");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{[A-Za-z_][A-Za-z0-9_]*}");

  /// Those that the words of an instruction announce, in order; what stands in quotes is no word.
  static List<HereDocument> in(Instruction instruction) throws BuildRefused {
    var line = new Line(instruction.logicalLine());
    var found = new ArrayList<HereDocument>();
    for (var word : line.words) {
      var announced = WORD.matcher(word);
      if (announced.matches() && !(announced.group(1) + announced.group(2)).isEmpty()) {
        if (!NAME.matcher(announced.group(2)).matches()) {
          throw instruction.refused(
              "what stands after << is no plain word",
              "name a here-document with letters, digits and _ (<<EOF); write a shift without"
                  + " spaces: $((1<<2))");
        }
        found.add(
            new HereDocument(
                announced.group(2).replaceAll("[\"']", ""), !announced.group(1).isEmpty()));
      }
    }
    if (!found.isEmpty()) {
      requireCertain(instruction, line);
    }
    return found;
  }

  /// Also where nothing is announced.
  static void requireCertain(Instruction instruction) throws BuildRefused {
    requireCertain(instruction, new Line(instruction.logicalLine()));
  }

  private static void requireCertain(Instruction instruction, Line line) throws BuildRefused {
    if (!line.certain) {
      throw instruction.refused(
          "<< cannot stand beside ${NAME:-...}, an open quote or a space that is none",
          "close quotes, use plain spaces, and set the variable in a line of its own");
    }
  }

  /// Cut into words as BuildKit does for here-documents: `\` escapes, whatever the Dockerfile says.
  private static final class Line {
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private final String text;
    private boolean certain = true;
    private char quote = ' ';
    private int at;

    Line(String text) {
      this.text = text;
      if (text.contains("<<")) {
        while (at < text.length()) {
          step(text.charAt(at));
        }
        certain &= quote == ' ';
        words.add(word.toString());
      }
    }

    private void step(char c) {
      if (isSpace(c) && c != ' ' && c != '\t') {
        certain = false;
      }
      if (quote == ' ' && isSpace(c)) {
        words.add(word.toString());
        word.setLength(0);
        at++;
      } else if (c == '\\' && quote != '\'') {
        take(2);
      } else if (quote == ' ' && text.startsWith("<<", at)) {
        take(2);
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
          take(1);
        }
      } else {
        quoteOrVariable(c);
        take(1);
      }
    }

    private void quoteOrVariable(char c) {
      if (c == quote) {
        quote = ' ';
      } else if (quote == ' ' && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote != '\'' && text.startsWith("${", at)) {
        certain &= VARIABLE.matcher(text).region(at, text.length()).lookingAt();
      }
    }

    private void take(int letters) {
      var end = Math.min(text.length(), at + letters);
      word.append(text, at, end);
      at = end;
    }

    private static boolean isSpace(char c) {
      return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
  }

  boolean endsWith(String line) {
    return (tabs ? line.replaceFirst("^\t+", "") : line).equals(name);
  }
}
