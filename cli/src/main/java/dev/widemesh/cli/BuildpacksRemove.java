package dev.widemesh.cli;

import dev.widemesh.api.Views.ChangeBuildpacks;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class BuildpacksRemove implements Command {
  @Parameters(
      arity = "0..*",
      paramLabel = "REF",
      description = "As mesh stack buildpacks ls shows it.")
  List<String> references = new ArrayList<>();

  @Mixin final BuildpacksChange change = new BuildpacksChange();

  @Override
  public ExitCode run(Session mesh) {
    if (references.isEmpty()) {
      throw Refusal.usage("which buildpack?", "mesh stack buildpacks ls");
    }
    return change.send(mesh, new ChangeBuildpacks(null, null, references, null));
  }
}
