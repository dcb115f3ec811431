package dev.widemesh.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A folder or file of a repository by its path from the top, such as `services/api`. The top
/// itself is empty, and there is no way out.
public record SourcePath(String value) {
  private static final int LONGEST = 300;

  public SourcePath {
    refusal(value)
        .ifPresent(
            words -> {
              throw new IllegalArgumentException(words);
            });
    value = String.join("/", names(value));
  }

  /// As people write it: `./services/api/` and `.` are understood.
  public static Optional<SourcePath> parse(String text) {
    return refusal(text).isEmpty() ? Optional.of(new SourcePath(text)) : Optional.empty();
  }

  /// Why the text is not such a path; empty when it is one.
  public static Optional<String> refusal(String text) {
    var isPath =
        text.length() <= LONGEST
            && !text.startsWith("/")
            && text.chars().noneMatch(SourcePath::isOdd)
            && !names(text).contains("..");
    return isPath
        ? Optional.empty()
        : Optional.of(
            "'%s' is not a path from the top of the repository"
                .formatted(text.length() > LONGEST ? text.substring(0, 60) + "..." : text));
  }

  private static boolean isOdd(int letter) {
    return Character.isISOControl(letter)
        || Character.getType(letter) == Character.FORMAT
        || letter == '\\';
  }

  private static List<String> names(String text) {
    return Arrays.stream(text.split("/", -1))
        .filter(name -> !name.isEmpty() && !name.equals("."))
        .toList();
  }

  public boolean isTop() {
    return value.isEmpty();
  }

  @Override
  public String toString() {
    return value;
  }
}
