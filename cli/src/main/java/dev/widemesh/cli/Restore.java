package dev.widemesh.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class Restore implements Command {
  @Parameters(paramLabel = "FILE", description = "What mesh backup wrote.")
  String file = "";

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "The platform's key (its secrets/seal.key), unless it is in the backup.")
  @Nullable String key;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "An empty folder; /var/lib/widemesh by default.")
  @Nullable String data;

  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var operator = Operator.of("restore", mesh.path(file).toString()).withIf(format.json, "--json");
    operator = key == null ? operator : operator.with("--key", mesh.path(key).toString());
    operator = data == null ? operator : operator.with("--data", mesh.path(data).toString());
    return operator.run(mesh);
  }
}
