package dev.widemesh.model;

import java.util.Optional;
import java.util.regex.Pattern;

/// An image in some registry as people write it: `nginx`, `ghcr.io/ada/shop:1.2`, with or without
/// `@sha256:...`.
public record ImageReference(String value) {
  private static final int LONGEST = 500;
  private static final String NAME = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern REFERENCE =
      Pattern.compile(
          "(?:(?:localhost|(?=[^/]*[.:])[A-Za-z0-9][A-Za-z0-9.-]*)(?::\\d{1,5})?/)?"
              + NAME
              + "(?:/"
              + NAME
              + ")*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");

  public ImageReference {
    refusal(value)
        .ifPresent(
            words -> {
              throw new IllegalArgumentException(words);
            });
  }

  /// Why the text is no such name; empty when it is one.
  public static Optional<String> refusal(String text) {
    return text.length() <= LONGEST && REFERENCE.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            "'%s' is not the name of an image"
                .formatted(text.length() > 60 ? text.substring(0, 60) + "..." : text));
  }

  /// Nothing else can be meant.
  public boolean isPinned() {
    return value.contains("@");
  }

  public ImageReference pinnedTo(String digest) {
    return isPinned() ? this : new ImageReference(value + "@" + digest);
  }

  @Override
  public String toString() {
    return value;
  }
}
