package dev.widemesh.cli;

import dev.widemesh.api.Views.ChangeBuildpacks;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class BuildpacksAdd implements Command {
  @Parameters(arity = "0..*", paramLabel = "REF", description = BuildpacksChange.REFERENCE)
  List<String> references = new ArrayList<>();

  @Option(names = "--first", description = "Before the others, not after them.")
  boolean first;

  @Mixin final BuildpacksChange change = new BuildpacksChange();

  @Override
  public ExitCode run(Session mesh) {
    var added = BuildpacksChange.checked(references, "mesh stack buildpacks add REF ...");
    return change.send(mesh, new ChangeBuildpacks(null, added, null, first ? true : null));
  }
}
