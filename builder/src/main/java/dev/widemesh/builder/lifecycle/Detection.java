package dev.widemesh.builder.lifecycle;

import java.util.List;

/// The answer of one buildpack when asked "is this yours?".
sealed interface Detection {
  record Matches(BuildPlan plan) implements Detection {}

  record Passes() implements Detection {}

  /// Made for something else than what apps run on here.
  record Foreign(String madeFor) implements Detection {}

  /// Broken, as opposed to not applicable.
  record Breaks(int exitCode, List<String> output) implements Detection {
    public Breaks {
      output = List.copyOf(output);
    }
  }
}
