package dev.widemesh.cli;

import dev.widemesh.api.Views.ChangeBuildpacks;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class BuildpacksSet implements Command {
  @Parameters(arity = "0..*", paramLabel = "REF", description = BuildpacksChange.REFERENCE)
  List<String> references = new ArrayList<>();

  @Option(names = "--none", description = "Ask the platform's own buildpacks again.")
  boolean none;

  @Mixin final BuildpacksChange change = new BuildpacksChange();

  @Override
  public ExitCode run(Session mesh) {
    if (none && !references.isEmpty()) {
      throw Refusal.usage("--none and a buildpack exclude each other", "give one of them");
    }
    var all =
        none
            ? List.<String>of()
            : BuildpacksChange.checked(
                references, "mesh stack buildpacks set REF ..., or --none for the platform's own");
    return change.send(mesh, new ChangeBuildpacks(all, null, null, null));
  }
}
