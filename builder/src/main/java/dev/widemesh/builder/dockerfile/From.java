package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What FROM says: `image` as it stands there, and the `name` of the stage in small letters, empty
/// where it has none.
record From(String image, String name) {
  private static final Pattern STAGE = Pattern.compile("(\\S+)(?:\\s+(?i:AS)\\s+(\\S+))?");

  static From of(Instruction instruction) throws BuildRefused {
    var stage = STAGE.matcher(instruction.rest().strip());
    if (!stage.matches()) {
      throw instruction.refused(
          "FROM takes one image", "write FROM <image> or FROM <image> AS name");
    }
    var name = Optional.ofNullable(stage.group(2)).orElse("");
    return new From(stage.group(1), name.toLowerCase(Locale.ROOT));
  }
}
