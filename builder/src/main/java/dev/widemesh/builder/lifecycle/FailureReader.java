package dev.widemesh.builder.lifecycle;

import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Strain;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names the cause of a failed build from what was seen.
final class FailureReader {
  private static final String TRY = "Try: ";
  private static final Pattern FULL_DISK =
      Pattern.compile("No space left on device|ENOSPC|Disk quota exceeded");

  private FailureReader() {}

  /// All that is known of the end of a buildpack's build. `space` is that of the build's folders.
  record Failure(
      String buildpack,
      int exitCode,
      List<String> tail,
      List<String> refusals,
      Strain strain,
      DiskSpace space) {}

  static Diagnosis read(Failure failure, BuildLimits limits) {
    return shortage(failure, limits)
        .orElseGet(
            () ->
                told(failure.buildpack(), failure.exitCode(), failure.tail(), failure.refusals()));
  }

  /// What the build ran out of, if that is why it failed.
  static Optional<Diagnosis> shortage(Failure failure, BuildLimits limits) {
    var tail = failure.tail();
    if (failure.strain().kills() > 0) {
      return Optional.of(
          new Diagnosis.BuildFailed(
              "the build ran out of memory (limit %d MB)".formatted(limits.memory() / 1_000_000),
              tail,
              "make the build use less memory, e.g. with fewer workers in its script"));
    }
    if (failure.strain().refusedProcesses() > 0) {
      return Optional.of(tooManyProcesses(limits, tail));
    }
    return tail.stream().anyMatch(line -> FULL_DISK.matcher(line).find())
        ? Optional.of(noSpace(failure))
        : Optional.empty();
  }

  static Diagnosis tooManyProcesses(BuildLimits limits, List<String> tail) {
    return new Diagnosis.BuildFailed(
        "the build started too many processes (limit %d at once)".formatted(limits.processes()),
        tail,
        "make the build start fewer programs at once, e.g. with fewer workers in its script");
  }

  /// The disk that the server has, or the little one that each build has in memory.
  private static Diagnosis noSpace(Failure failure) {
    return failure.space().isNearlyFull()
        ? new Diagnosis.NoDisk("the server", failure.tail())
        : new Diagnosis.BuildFailed(
            "the build filled /tmp (limit %d MB)".formatted(BuildContainer.TMP / 1_000_000),
            failure.tail(),
            "write large files into the app's folder or $HOME instead of /tmp");
  }

  private static Diagnosis told(
      String buildpack, int exitCode, List<String> tail, List<String> refusals) {
    var causes = refusals.stream().filter(line -> !line.startsWith(TRY)).toList();
    if (!causes.isEmpty()) {
      return new Diagnosis.BuildFailed(causes.getLast(), tail, nextStep(refusals));
    }
    return new Diagnosis.BuildFailed(
        "the build (%s) failed with exit code %d".formatted(buildpack, exitCode),
        tail,
        nextStep(refusals));
  }

  private static String nextStep(List<String> refusals) {
    return refusals.stream()
        .filter(line -> line.startsWith(TRY))
        .map(line -> line.substring(TRY.length()))
        .reduce((_, last) -> last)
        .orElse("read the last lines above, mend the cause, then push again");
  }
}
