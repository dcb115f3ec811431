package dev.widemesh.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class Backup implements Command {
  @Parameters(paramLabel = "FILE", description = "A new file, readable by its owner only.")
  String file = "";

  @Option(
      names = "--with-keys",
      description =
          "Put the platform's key in as well: then whoever has the file has every secret in it.")
  boolean withKeys;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The platform's folder; /var/lib/widemesh by default.")
  @Nullable String data;

  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var operator =
        Operator.of("backup", mesh.path(file).toString())
            .withIf(withKeys, "--with-keys")
            .withIf(format.json, "--json");
    return (data == null ? operator : operator.with("--data", mesh.path(data).toString()))
        .run(mesh);
  }
}
