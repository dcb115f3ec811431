package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A fixture of a buildpack (`go/shop`), and what is to be expected of it: the output of its first
/// build `says` these words, and it answers so at `path`. With another word in a line of `file`
/// that word of the answer is another, the output has what it `reuses`, a pattern, and these
/// `layers` stay. Its build needs the hosts of `needs`, which not every network has.
record Fixture(
    String name,
    List<String> says,
    String path,
    String answer,
    String file,
    String word,
    String other,
    String reuses,
    List<String> stay,
    List<String> move,
    List<String> needs) {

  String otherAnswer() {
    return answer.replace(word, other);
  }

  void changeOneLine(Path repository) throws IOException {
    var changed = repository.resolve(file);
    var text = Files.readString(changed);
    if (text.lines().filter(line -> line.contains(word)).count() != 1) {
      throw new AssertionError(changed + " does not have one line with " + word);
    }
    Files.writeString(changed, text.replace(word, other));
  }

  @Override
  public String toString() {
    return name;
  }
}
