package dev.widemesh.model;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The one rule for the names people choose: they become DNS labels.
final class Names {
  static final String RULE =
      "a name has 1 to 30 characters out of a-z, 0-9 and '-', starts with a letter, does not end"
          + " with '-', has no '--', and is not reserved";

  private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]{0,28}[a-z0-9])?");
  private static final Set<String> RESERVED =
      Set.of(
          "www",
          "api",
          "git",
          "localhost",
          "admin",
          "internal",
          "registry",
          "widemesh",
          "mesh",
          "router",
          "mail",
          "ns",
          "ns1",
          "ns2",
          "wpad",
          "autoconfig",
          "local",
          "example",
          "test",
          "invalid",
          "default",
          "none",
          "all",
          "self");

  private Names() {}

  static boolean allows(String text) {
    return LABEL.matcher(text).matches() && !text.contains("--") && !RESERVED.contains(text);
  }

  /// The words of a refusal, empty when the text is a name.
  static Optional<String> refusal(String what, String text) {
    if (allows(text)) {
      return Optional.empty();
    }
    var shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    var reserved = RESERVED.contains(text) ? " ('" + text + "' is)" : "";
    return Optional.of("'%s' is not a name for %s: %s%s".formatted(shown, what, RULE, reserved));
  }

  static String require(String what, String text) {
    refusal(what, text)
        .ifPresent(
            words -> {
              throw new IllegalArgumentException(words);
            });
    return text;
  }
}
