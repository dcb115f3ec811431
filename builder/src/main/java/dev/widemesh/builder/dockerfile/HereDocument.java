package dev.widemesh.builder.dockerfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.widemesh.api.Json;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/// What a word such as `<<EOF` announces: the lines after the instruction, up to `name`. With
/// `tabs` (`<<-EOF`) those before the name do not count.
///
/// Which words announce one is BuildKit's to say, and read here as there: lines that are a document
/// to one and instructions to the other would be built unseen.
record HereDocument(String name, boolean tabs) {
  private static final Pattern WORD = Pattern.compile("[0-9]*<<(-?)[\\t\\n\\f\\r ]*([^<]*)");
  private static final Pattern SHIFT = Pattern.compile(".*\\(\\(.*<<.*\\)\\).*", Pattern.DOTALL);
  private static final ObjectReader LIST =
      Json.MAPPER.readerFor(JsonNode.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /// After a step's command: a comment to the shell, and an open quote to whoever looks for
  /// documents, who then finds none.
  static final String NONE = " #'";

  /// Those that the words of an instruction announce, in order. A list of words in JSON has none.
  static List<HereDocument> in(Instruction instruction) throws BuildRefused {
    if (!instruction.logicalLine().contains("<<") || isList(instruction.rest())) {
      return List.of();
    }
    var found = new ArrayList<HereDocument>();
    for (var word : words(instruction)) {
      announced(instruction, word).ifPresent(found::add);
    }
    return found;
  }

  /// None at all where a quote is open: that is for the shell to refuse.
  private static List<String> words(Instruction instruction) {
    try {
      return ShellWords.raw(instruction.logicalLine());
    } catch (ShellWords.Unfinished _) {
      return List.of();
    }
  }

  private static Optional<HereDocument> announced(Instruction instruction, String word)
      throws BuildRefused {
    var match = WORD.matcher(word);
    if (!match.matches() || match.group(2).isEmpty()) {
      return Optional.empty();
    }
    try {
      var names = ShellWords.plain(match.group(2));
      if (names.size() != 1) {
        return Optional.empty();
      }
      if (ShellWords.raw(match.group(2)).size() == 1) {
        return Optional.of(new HereDocument(names.getFirst(), !match.group(1).isEmpty()));
      }
    } catch (ShellWords.Unfinished _) { // refused by BuildKit too
    }
    throw instruction.refused(
        "what stands after << is not the name of a here-document",
        "name it with letters, digits and _: <<EOF");
  }

  private static boolean isList(String rest) {
    if (!rest.startsWith("[")) {
      return false;
    }
    try {
      var list = LIST.readTree(rest);
      return list.isArray()
          && StreamSupport.stream(list.spliterator(), false).allMatch(JsonNode::isTextual);
    } catch (JsonProcessingException _) {
      return false;
    }
  }

  /// Whether its `<<` may be the shell's own, as in `$((1 << 2))`.
  static boolean mayShift(Instruction instruction) {
    return instruction.keyword().equals("RUN") && SHIFT.matcher(instruction.rest()).matches();
  }

  boolean endsWith(String line) {
    return (tabs ? line.replaceFirst("^\t+", "") : line).equals(name);
  }
}
