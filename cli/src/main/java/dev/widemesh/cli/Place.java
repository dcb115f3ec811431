package dev.widemesh.cli;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import java.util.Optional;

/// A stack in its environment.
record Place(String environment, String stack) {
  /// Empty where these are no names.
  static Optional<Place> of(String environment, String stack) {
    return EnvironmentName.parse(environment).isPresent() && StackName.parse(stack).isPresent()
        ? Optional.of(new Place(environment, stack))
        : Optional.empty();
  }
}
