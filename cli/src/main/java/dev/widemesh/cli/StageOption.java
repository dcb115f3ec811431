package dev.widemesh.cli;

import dev.widemesh.model.TargetStage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which stage of the Dockerfile becomes the image.
final class StageOption {
  @Option(
      names = "--target",
      paramLabel = "STAGE",
      description =
          "The stage of the Dockerfile that becomes the image, by name or number; '' is the last.")
  @Nullable String stage;

  /// `null` where nothing is said. Refuses what cannot be.
  @Nullable String chosen(boolean isWithBuildpacks) {
    if (stage == null) {
      return null;
    }
    Target.check(TargetStage.refusal(stage), "write it like build, or 1");
    if (isWithBuildpacks && !stage.isEmpty()) {
      throw Refusal.usage(
          "--target names a stage of a Dockerfile, and buildpacks have none",
          "leave it out, or give --dockerfile instead of --buildpack");
    }
    return new TargetStage(stage).value();
  }
}
