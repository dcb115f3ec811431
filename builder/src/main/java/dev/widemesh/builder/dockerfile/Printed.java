package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.model.Diagnosis;
import java.util.List;
import java.util.Optional;

/// What a build printed so far.
interface Printed {
  /// How much, kept or not.
  long printed();

  /// The last lines.
  List<String> tail();

  default Optional<Diagnosis> refusal(BuildLimits limits) {
    return printed() > limits.printed()
        ? Optional.of(
            new Diagnosis.BuildFailed(
                "the build printed more than %d MB".formatted(limits.printed() / 1_000_000),
                tail(),
                "make the build print less"))
        : Optional.empty();
  }
}
