package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// A Dockerfile as a list of instructions: comments are gone and continued lines joined, so that no
/// builder can read it differently than we did. `stages` are the lines on which its stages begin,
/// in their order, those too of which the instructions are left out.
record Dockerfile(List<Instruction> instructions, char escape, List<Integer> stages) {
  private static final int MOST_INSTRUCTIONS = 500;
  private static final Pattern DIRECTIVE = Pattern.compile("[a-zA-Z][a-zA-Z0-9]*");
  static final Set<String> WITH_DOCUMENTS = Set.of("RUN", "COPY", "ADD");
  private static final Set<String> KEYWORDS =
      Set.of(
          "ADD",
          "ARG",
          "CMD",
          "COPY",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "FROM",
          "HEALTHCHECK",
          "LABEL",
          "MAINTAINER",
          "ONBUILD",
          "RUN",
          "SHELL",
          "STOPSIGNAL",
          "USER",
          "VOLUME",
          "WORKDIR");

  Dockerfile {
    instructions = List.copyOf(instructions);
    stages = List.copyOf(stages);
  }

  /// None at all, but for the image that it would begin with.
  static Dockerfile taking(String image) {
    return whole(List.of(Instruction.taking(image)), '\\');
  }

  static Dockerfile parse(String text) throws BuildRefused {
    var reader = new Reader(text.replace("\uFEFF", "").lines().toList());
    var instructions = new ArrayList<Instruction>();
    for (var logical = reader.next(); !logical.text.isEmpty(); logical = reader.next()) {
      var instruction = instruction(logical, reader.escape);
      instructions.add(
          WITH_DOCUMENTS.contains(instruction.keyword())
              ? instruction.with(reader.documents(instruction))
              : instruction);
    }
    if (instructions.stream().noneMatch(each -> each.keyword().equals("FROM"))) {
      throw BuildRefused.because(
          "the Dockerfile has no FROM", "begin it with a base image, e.g. FROM widemesh/build:13");
    }
    if (instructions.size() > MOST_INSTRUCTIONS) {
      throw BuildRefused.because(
          "the Dockerfile has more than %d instructions".formatted(MOST_INSTRUCTIONS),
          "join some of them");
    }
    return whole(instructions, reader.escape);
  }

  private static Dockerfile whole(List<Instruction> instructions, char escape) {
    var stages = instructions.stream().filter(each -> each.keyword().equals("FROM"));
    return new Dockerfile(instructions, escape, stages.map(Instruction::line).toList());
  }

  /// The first that only BuildKit knows.
  Optional<Instruction> beyondClassic() {
    return instructions.stream().filter(each -> each.beyondClassic().isPresent()).findFirst();
  }

  private static Instruction instruction(Logical logical, char escape) throws BuildRefused {
    if (logical.text.indexOf('\0') >= 0 || logical.text.stripTrailing().endsWith("" + escape)) {
      throw Instruction.refused(logical.line, "the line does not end", "complete the last line");
    }
    var instruction = Instruction.parse(logical.line, logical.text);
    if (!KEYWORDS.contains(instruction.keyword())) {
      throw instruction.refused(
          "there is no instruction '%s'".formatted(instruction.keyword()),
          "correct the Dockerfile");
    }
    return instruction;
  }

  /// Lines that are one, and the number of the first.
  private record Logical(int line, String text) {}

  private static final class Reader {
    private final List<String> lines;
    private final char escape;
    private int at;

    Reader(List<String> lines) throws BuildRefused {
      this.lines = lines;
      var found = '\\';
      for (; at < lines.size() && isDirective(lines.get(at).strip()); at++) {
        var line = lines.get(at).strip();
        var equals = line.indexOf('=');
        if (line.substring(1, equals).strip().toLowerCase(Locale.ROOT).equals("escape")) {
          found = escape(at + 1, line.substring(equals + 1).strip());
        }
      }
      escape = found;
    }

    /// `# name=value`.
    private static boolean isDirective(String line) {
      var equals = line.indexOf('=');
      return line.startsWith("#")
          && equals > 0
          && equals < line.length() - 1
          && DIRECTIVE.matcher(line.substring(1, equals).strip()).matches();
    }

    private static char escape(int line, String value) throws BuildRefused {
      if (!value.equals("\\") && !value.equals("`")) {
        throw Instruction.refused(line, "escape must be \\ or `", "correct the directive");
      }
      return value.charAt(0);
    }

    /// Empty at the end.
    Logical next() {
      while (at < lines.size() && isNothing(lines.get(at))) {
        at++;
      }
      var start = at + 1;
      var text = new StringBuilder();
      for (var open = true; open && at < lines.size(); at++) {
        var line = lines.get(at);
        if (text.isEmpty() || !isNothing(line)) {
          open = append(text, line);
        }
      }
      return new Logical(start, text.toString().strip());
    }

    /// Whether it goes on.
    private boolean append(StringBuilder text, String line) {
      var end = line.stripTrailing();
      var goesOn = end.endsWith(String.valueOf(escape));
      text.append(goesOn ? end.substring(0, end.length() - 1) : line);
      return goesOn;
    }

    /// The lines that follow and are no instructions. A `<<` that nothing ends is the shell's own,
    /// where that may be.
    List<String> documents(Instruction instruction) throws BuildRefused {
      var first = at;
      var found = new ArrayList<String>();
      for (var document : HereDocument.in(instruction)) {
        var open = true;
        for (; open && at < lines.size(); at++) {
          found.add(lines.get(at));
          open = !document.endsWith(lines.get(at));
        }
        if (open && HereDocument.mayShift(instruction)) {
          at = first;
          return List.of();
        }
        if (open) {
          throw instruction.refused(
              "the here-document %s does not end".formatted(document.name()),
              "write %s alone on the line after its last".formatted(document.name()));
        }
      }
      return found;
    }

    private static boolean isNothing(String line) {
      return line.isBlank() || line.stripLeading().startsWith("#");
    }
  }
}
