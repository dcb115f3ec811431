package dev.widemesh.builder.lifecycle;

import java.time.Duration;

/// What one build may use: time, memory, processors, processes at once, bytes written to its
/// folders and bytes printed.
public record BuildLimits(
    Duration time, long memory, double cpus, int processes, long written, long printed) {
  /// Of an app's 1024: where there is not enough for all, apps come first.
  public static final int CPU_SHARES = 256;

  /// The controller gives up on a build some time after this.
  public static final Duration LONGEST = Duration.ofMinutes(100);

  public static final BuildLimits USUAL =
      new BuildLimits(Duration.ofMinutes(15), 2_000_000_000, 2, 512, 10_000_000_000L, 100_000_000L);
}
