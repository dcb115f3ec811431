package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// One instruction of a Dockerfile: `line` is where it begins, `keyword` is in capitals, `flags`
/// are the words that begin with `--`. On line 0 it stands in no Dockerfile.
record Instruction(int line, String keyword, List<String> flags, String rest) {
  private static final Pattern WORD = Pattern.compile("(\\S+)\\s*(.*)", Pattern.DOTALL);
  private static final Pattern PLAIN_FLAG = Pattern.compile("--[a-z]+(=[^\\s\"'\\\\]*)?");
  private static final int SHOWN = 160;
  private static final int MOST_FLAGS = 20;

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
        throw refused(line, "a flag is not right: " + rest, "write it without quotes");
      }
      if (flags.size() == MOST_FLAGS) {
        throw refused(line, "more than %d flags".formatted(MOST_FLAGS), "write each once");
      }
      flags.add(next.group(1));
      rest = next.group(2);
    }
    return new Instruction(line, keyword, List.copyOf(flags), rest);
  }

  String text() {
    return String.join(" ", words());
  }

  private List<String> words() {
    var words = new ArrayList<>(List.of(keyword));
    words.addAll(flags);
    words.add(rest);
    return words;
  }

  /// For people, in one line.
  String shown() {
    var text = text().replaceAll("\\s+", " ");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  BuildRefused needsBuildKit(String what) {
    return refused(
        "%s %s needs BuildKit, which is not used here".formatted(keyword, what),
        "write it without: plain RUN and COPY are cached as well");
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
