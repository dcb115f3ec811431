package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.FailureReader.Failure;
import dev.widemesh.model.Diagnosis;

/// Names the cause of a lifecycle's end by its exit code, which says in which phase that was.
record CreatorFailure(String builder, Failure failure, BuildLimits limits) {
  private static final String OTHER =
      "take another builder: mesh stack set-builder NAME, or --none";
  private static final String READ = "read the last lines above, mend the cause, then push again";

  Diagnosis diagnosis() {
    return FailureReader.shortage(failure, limits).orElseGet(this::byCode);
  }

  private Diagnosis byCode() {
    var code = failure.exitCode();
    return switch (code) {
      case 20 -> told("no buildpack of the builder %s recognises this app", OTHER);
      case 21 ->
          told(
              "no buildpack of the builder %s recognises this app, and some broke off",
              READ + ", or " + OTHER);
      case 11 -> told("the lifecycle of the builder %s does not speak our platform API", OTHER);
      case 12 -> told("the lifecycle of the builder %s does not know its buildpacks' API", OTHER);
      case 51 -> told("a buildpack of the builder %s could not build this app", READ);
      case 126, 127 -> told("the builder %s has no /cnb/lifecycle/creator that runs here", OTHER);
      default -> told("the builder %s failed " + phase(code) + " (exit code " + code + ")", READ);
    };
  }

  private static String phase(int code) {
    return switch (code / 10) {
      case 2 -> "when it looked for buildpacks";
      case 3 -> "when it looked at its run image";
      case 4 -> "when it took over what was kept";
      case 5 -> "when it built";
      case 6 -> "when it made the image";
      default -> "before it began";
    };
  }

  private Diagnosis told(String what, String nextStep) {
    return new Diagnosis.BuildFailed(what.formatted(builder), failure.tail(), nextStep);
  }
}
