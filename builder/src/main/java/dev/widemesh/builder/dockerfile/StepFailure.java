package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.model.Diagnosis;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names the cause of a failed Dockerfile build from what was seen.
final class StepFailure {
  private static final Pattern EXIT =
      Pattern.compile(".*(?:returned a non-zero code|exit code): (\\d+)", Pattern.DOTALL);
  private static final Pattern FULL_DISK = Pattern.compile("No space left on device|ENOSPC");
  private static final Pattern NO_FORK =
      Pattern.compile(
          "[Cc]an(?:no|')t fork|fork: (?:retry: )?Resource temporarily unavailable"
              + "|pthread_create failed|unable to create (?:a )?(?:new )?(?:native )?thread|EAGAIN");

  private StepFailure() {}

  static Diagnosis read(Progress progress, boolean ranOutOfMemory, BuildLimits limits) {
    var error = progress.error().orElse("the engine broke off");
    return read(error, progress.current(), progress.tail(), ranOutOfMemory, limits);
  }

  /// `error` are the builder's own words, `step` what it was at, `tail` what that printed last.
  static Diagnosis read(
      String error,
      Optional<Instruction> step,
      List<String> tail,
      boolean ranOutOfMemory,
      BuildLimits limits) {
    var where = step.map(is -> "Dockerfile line %d".formatted(is.line())).orElse("the Dockerfile");
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
      return tooManyProcesses(where, tail, limits);
    }
    return new Diagnosis.BuildFailed(
        "%s failed with exit code %s: %s"
            .formatted(where, exit.group(1), step.map(Instruction::shown).orElse("")),
        tail,
        "read the last lines above, mend the cause, then push again");
  }

  static Diagnosis tooManyProcesses(String where, List<String> tail, BuildLimits limits) {
    return new Diagnosis.BuildFailed(
        "%s needs more than %d processes at once".formatted(where, limits.processes()),
        tail,
        "make the step start fewer, e.g. with fewer workers");
  }

  private static boolean any(List<String> lines, Pattern pattern) {
    return lines.stream().anyMatch(line -> pattern.matcher(line).find());
  }

  private static String oneLine(String text) {
    var line = text.replaceAll("\\s+", " ");
    return line.length() > 300 ? line.substring(0, 300) + "..." : line;
  }
}
