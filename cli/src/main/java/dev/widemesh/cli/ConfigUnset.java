package dev.widemesh.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

final class ConfigUnset implements Command {
  @Parameters(arity = "1..*", paramLabel = "K", description = "The names to remove.")
  List<String> names = new ArrayList<>();

  @Mixin final ConfigChange change = new ConfigChange();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    names.forEach(ConfigChange::checkedName);
    return change.unset(mesh, names);
  }
}
