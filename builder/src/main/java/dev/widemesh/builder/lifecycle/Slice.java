package dev.widemesh.builder.lifecycle;

import java.util.ArrayList;
import java.util.List;
import org.tomlj.TomlTable;

/// Files of the app that a buildpack wants in an image layer of their own, since they change at
/// another pace.
record Slice(List<Glob> globs) {
  private static final int MOST_PATTERNS = 1_000;
  private static final int LONGEST = 1_000;

  Slice {
    globs = List.copyOf(globs);
  }

  /// All that one buildpack wants.
  static List<Slice> parse(List<TomlTable> tables) throws BuildRefused {
    var slices = new ArrayList<Slice>();
    var patterns = 0;
    for (var table : tables) {
      var paths = TomlFile.strings(table, "paths");
      patterns += 1 + paths.size();
      if (patterns > MOST_PATTERNS || paths.stream().anyMatch(path -> path.length() > LONGEST)) {
        throw BuildRefused.because(
            "a buildpack wants more than %,d slices, or patterns in them".formatted(MOST_PATTERNS),
            "correct the buildpack");
      }
      slices.add(new Slice(paths.stream().map(Glob::parse).toList()));
    }
    return slices;
  }

  /// `path` is relative to the app's folder.
  boolean takes(String path) {
    return globs.stream().anyMatch(glob -> glob.matches(path));
  }
}
