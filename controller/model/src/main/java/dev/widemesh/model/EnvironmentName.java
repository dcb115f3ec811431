package dev.widemesh.model;

import java.util.Optional;

/// The name of an environment, unique on the whole platform.
public record EnvironmentName(String value) {
  public EnvironmentName {
    Names.require("an environment", value);
  }

  /// Why the text is not such a name; empty when it is one.
  public static Optional<String> refusal(String text) {
    return Names.refusal("an environment", text);
  }

  public static Optional<EnvironmentName> parse(String text) {
    return Names.allows(text) ? Optional.of(new EnvironmentName(text)) : Optional.empty();
  }

  @Override
  public String toString() {
    return value;
  }
}
