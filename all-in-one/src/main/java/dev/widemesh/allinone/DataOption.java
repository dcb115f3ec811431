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
    var data = new DataFolder(chosen == null ? DataFolder.usual() : chosen);
    // Read by the logging configuration when the first line is written, not before.
    if (System.getProperty("widemesh.log") == null) {
      System.setProperty("widemesh.log", data.logs().resolve("supervisor").toString());
    }
    return data;
  }
}
