package dev.widemesh.allinone;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--data`, the same for every command.
final class DataOption {
  private static final String LOG = "widemesh.log";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Holds everything of one platform; /var/lib/widemesh by default.")
  private @Nullable Path folder;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "This text.")
  boolean help; // picocli acts on it

  DataFolder folder() {
    var chosen = folder;
    var data = new DataFolder(chosen == null ? DataFolder.usual() : chosen);
    logInto(data);
    return data;
  }

  /// Where a command typed by hand logs, once there is a folder to log into.
  static void logInto(DataFolder data) {
    if (System.getProperty(LOG) == null && Files.isDirectory(data.logs())) {
      System.setProperty(LOG, data.logs().resolve("supervisor").toString());
    }
  }
}
