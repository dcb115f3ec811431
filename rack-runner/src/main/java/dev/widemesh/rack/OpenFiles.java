package dev.widemesh.rack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many files a container may open: 65,536, or what this machine allows at most. Docker cannot
/// raise the hard limit everywhere, and a container with a higher one does not start there.
final class OpenFiles {
  static final long LIMIT = Math.min(65_536, hardLimit());

  private OpenFiles() {}

  private static long hardLimit() {
    try {
      for (var line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        var fields = line.split("\\s{2,}", -1);
        if (fields[0].equals("Max open files") && fields[2].matches("\\d+")) {
          return Long.parseLong(fields[2]);
        }
      }
    } catch (IOException _) {
      // No such file: nothing is known to be forbidden.
    }
    return Long.MAX_VALUE;
  }
}
