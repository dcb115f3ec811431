package dev.widemesh.model;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// The stage of a Dockerfile that becomes the image: its name, in small letters since their case
/// does not count, or its number, from 0 to 9999. Empty: the last one.
public record TargetStage(String value) {
  private static final Pattern STAGE = Pattern.compile("([a-z][a-z0-9_.-]{0,127}|[0-9]{1,4})?");
  private static final int SHOWN = 60;

  public TargetStage {
    refusal(value)
        .ifPresent(
            words -> {
              throw new IllegalArgumentException(words);
            });
    value = value.toLowerCase(Locale.ROOT);
  }

  /// Why the text names no stage; empty when it may.
  public static Optional<String> refusal(String text) {
    return STAGE.matcher(text.toLowerCase(Locale.ROOT)).matches()
        ? Optional.empty()
        : Optional.of(
            "'%s' is neither the name of a stage nor its number"
                .formatted(text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text));
  }

  @Override
  public String toString() {
    return value;
  }
}
