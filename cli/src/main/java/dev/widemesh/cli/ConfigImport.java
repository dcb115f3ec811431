package dev.widemesh.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class ConfigImport implements Command {
  @Parameters(arity = "0..1", paramLabel = "FILE", description = "Default: .env; - reads stdin.")
  String file = ".env";

  @Option(names = "--secret", description = "All of them are write-only.")
  boolean secret;

  @Mixin final ConfigChange change = new ConfigChange();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var values = Dotenv.parse(text(mesh));
    values.keySet().forEach(ConfigChange::checkedName);
    if (values.isEmpty()) {
      throw Refusal.usage(file + " holds no values", "write lines like NAME=value");
    }
    return change.set(mesh, values, secret);
  }

  private String text(Session mesh) throws IOException {
    return file.equals("-")
        ? new String(mesh.terminal().in().readNBytes(1_000_000), StandardCharsets.UTF_8)
        : Files.readString(mesh.path(file));
  }
}
