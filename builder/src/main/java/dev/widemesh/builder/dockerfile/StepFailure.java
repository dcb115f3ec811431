package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.model.Diagnosis;
import java.util.List;
import java.util.regex.Pattern;

/// Names the cause of a failed Dockerfile build from what was seen.
final class StepFailure {
  private static final Pattern EXIT =
      Pattern.compile(".*returned a non-zero code: (\\d+)", Pattern.DOTALL);
  private static final Pattern FULL_DISK = Pattern.compile("No space left on device|ENOSPC");
  private static final Pattern NO_FORK =
      Pattern.compile(
          "[Cc]an(?:no|')t fork|fork: (?:retry: )?Resource temporarily unavailable"
              + "|pthread_create failed|unable to create (?:a )?(?:new )?(?:native )?thread|EAGAIN");

  private StepFailure() {}

  static Diagnosis read(Progress progress, boolean ranOutOfMemory, BuildLimits limits) {
    var tail = progress.tail();
    var error = progress.error().orElse("the engine broke off");
    var where =
        progress
            .current()
            .map(step -> "Dockerfile line %d".formatted(step.line()))
            .orElse("the Dockerfile");
    if (ranOutOfMemory) {
      return new Diagnosis.BuildFailed(
          "%s ran out of memory (limit %d MB)".formatted(where, limits.memory() / 1_000_000),
          tail,
          "make the step use less memory, e.g. with fewer workers");
    }
    if (any(tail, FULL_DISK) || FULL_DISK.matcher(error).find()) {
      return new Diagnosis.NoDisk("the builder", tail);
    }
    var exit = EXIT.matcher(error);
    if (!exit.matches()) {
      return new Diagnosis.BuildFailed(
          "%s: %s".formatted(where, oneLine(error)),
          tail,
          "correct the Dockerfile, then push again");
    }
    if (any(tail, NO_FORK)) {
      return new Diagnosis.BuildFailed(
          "%s needs more than %d processes at once".formatted(where, limits.processes()),
          tail,
          "make the step start fewer, e.g. with fewer workers");
    }
    return new Diagnosis.BuildFailed(
        "%s failed with exit code %s: %s"
            .formatted(where, exit.group(1), progress.current().map(Instruction::shown).orElse("")),
        tail,
        "read the last lines above, mend the cause, then push again");
  }

  private static boolean any(List<String> lines, Pattern pattern) {
    return lines.stream().anyMatch(line -> pattern.matcher(line).find());
  }

  private static String oneLine(String text) {
    var line = text.replaceAll("\\s+", " ");
    return line.length() > 300 ? line.substring(0, 300) + "..." : line;
  }
}
