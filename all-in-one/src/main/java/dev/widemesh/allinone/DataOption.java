package dev.widemesh.allinone;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--data`, the same for every command.
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Holds everything of one platform; /var/lib/widemesh by default.")
  private @Nullable Path folder;

  DataFolder folder() {
    var chosen = folder;
    return new DataFolder(chosen == null ? DataFolder.usual() : chosen);
  }
}
