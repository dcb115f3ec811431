package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One instruction of a Dockerfile: `line` is where it begins, `keyword` is in capitals, `flags`
/// are the words that begin with `--`, `documents` the lines of its here-documents with the words
/// that end them. On line 0 it stands in no Dockerfile.
record Instruction(
    int line, String keyword, List<String> flags, String rest, List<String> documents) {
  private static final Pattern WORD = Pattern.compile("(\\S+)\\s*(.*)", Pattern.DOTALL);

  /// Where others than ASCII are spaces, or an escape is taken away, a builder reads another flag.
  private static final Pattern PLAIN_FLAG = Pattern.compile("--[a-z]+(=[!-~&&[^\"'`\\\\]]*)?");

  private static final int SHOWN = 160;
  private static final int MOST_FLAGS = 20;

  Instruction {
    flags = List.copyOf(flags);
    documents = List.copyOf(documents);
  }

  Instruction(int line, String keyword, List<String> flags, String rest) {
    this(line, keyword, flags, rest, List.of());
  }

  static Instruction taking(String image) {
    return new Instruction(0, "FROM", List.of(), image);
  }

  static Instruction parse(int line, String text) throws BuildRefused {
    var word = WORD.matcher(text.strip());
    if (!word.matches()) {
      throw new IllegalArgumentException("blank");
    }
    var keyword = word.group(1).toUpperCase(Locale.ROOT);
    var rest = word.group(2);
    var flags = new ArrayList<String>();
    while (rest.startsWith("--")) {
      var next = WORD.matcher(rest);
      if (!next.matches() || !PLAIN_FLAG.matcher(next.group(1)).matches()) {
        throw refused(line, "a flag is not right: " + rest, "write it without quotes, in ASCII");
      }
      if (flags.size() == MOST_FLAGS) {
        throw refused(line, "more than %d flags".formatted(MOST_FLAGS), "write each once");
      }
      flags.add(next.group(1));
      rest = next.group(2);
    }
    return new Instruction(line, keyword, flags, rest);
  }

  Instruction with(List<String> here) {
    return new Instruction(line, keyword, flags, rest, here);
  }

  Instruction flagged(List<String> others) {
    return new Instruction(line, keyword, others, rest, documents);
  }

  /// As a Dockerfile has it.
  String text() {
    return String.join("\n", Stream.concat(Stream.of(logicalLine()), documents.stream()).toList());
  }

  String logicalLine() {
    return String.join(" ", words());
  }

  /// What the engine's classic builder does not know: the name of a flag, or `<<`.
  Optional<String> beyondClassic() {
    if (!documents.isEmpty()) {
      return Optional.of("<<");
    }
    var known =
        switch (keyword) {
          case "COPY" -> Set.of("--from", "--chown");
          case "ADD" -> Set.of("--chown");
          case "FROM" -> Set.of("--platform");
          default -> Set.<String>of();
        };
    return keyword.equals("HEALTHCHECK")
        ? Optional.empty()
        : flags.stream().map(Instruction::name).filter(name -> !known.contains(name)).findFirst();
  }

  /// `--name` of `--name=value`.
  static String name(String flag) {
    return flag.replaceFirst("=.*", "");
  }

  private List<String> words() {
    var words = new ArrayList<>(List.of(keyword));
    words.addAll(flags);
    words.add(rest);
    return words;
  }

  /// For people, in one line.
  String shown() {
    var text = logicalLine().replaceAll("\\s+", " ");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  /// `why` BuildKit is not here.
  BuildRefused needsBuildKit(String what, String why) {
    return refused(
        "%s %s needs BuildKit, and %s".formatted(keyword, what, why),
        "write it without, plain RUN and COPY are cached as well; or see docs/dockerfile.md");
  }

  BuildRefused refused(String what, String nextStep) {
    return line == 0
        ? BuildRefused.because(what.replaceFirst("^the base image ", "the image "), nextStep)
        : refused(line, what, nextStep);
  }

  /// What to do where an image does not come.
  String otherwise() {
    return line == 0
        ? "push it to a registry that this server reaches"
        : "use one that this server can pull: " + PullFailure.OURS;
  }

  static BuildRefused refused(int line, String what, String nextStep) {
    return BuildRefused.because("Dockerfile line %d: %s".formatted(line, what), nextStep);
  }
}
