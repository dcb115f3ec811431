package dev.widemesh.model;

import java.util.Optional;

/// The name of a stack, unique in its environment.
public record StackName(String value) {
  public StackName {
    Names.require("a stack", value);
  }

  /// Why the text is not such a name; empty when it is one.
  public static Optional<String> refusal(String text) {
    return Names.refusal("a stack", text);
  }

  public static Optional<StackName> parse(String text) {
    return Names.allows(text) ? Optional.of(new StackName(text)) : Optional.empty();
  }

  @Override
  public String toString() {
    return value;
  }
}
