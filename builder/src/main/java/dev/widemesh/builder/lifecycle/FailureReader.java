package dev.widemesh.builder.lifecycle;

import dev.widemesh.model.Diagnosis;
import java.util.List;
import java.util.regex.Pattern;

/// Names the cause of a failed build from what was seen.
final class FailureReader {
  private static final String TRY = "Try: ";
  private static final Pattern FULL_DISK =
      Pattern.compile("No space left on device|ENOSPC|Disk quota exceeded");

  private FailureReader() {}

  static Diagnosis read(
      String buildpack,
      int exitCode,
      List<String> tail,
      List<String> refusals,
      boolean ranOutOfMemory) {
    if (ranOutOfMemory) {
      return new Diagnosis.BuildFailed(
          "the build ran out of memory (limit %d MB)".formatted(BuildContainer.MEMORY >> 20),
          tail,
          "make the build use less memory, e.g. with fewer workers in its script");
    }
    if (tail.stream().anyMatch(line -> FULL_DISK.matcher(line).find())) {
      return new Diagnosis.NoDisk("the builder", tail);
    }
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
