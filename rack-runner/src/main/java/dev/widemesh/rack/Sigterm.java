package dev.widemesh.rack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/// Tells the program in a container to end. In `sh -c 'app; true'` that is `app`: the shell would
/// die of the signal at once, and the container with it, before `app` could finish.
final class Sigterm {
  private static final Set<String> SHELLS = Set.of("sh", "dash", "bash", "ash", "ksh", "zsh");
  private static final long TERM_BIT = 1L << (15 - 1);

  private Sigterm() {}

  /// `init` is the container's first process as the host counts. Answers whether anything was told;
  /// where not, Docker is to tell the init process.
  static boolean send(long init) {
    return ProcessHandle.of(init)
        .map(process -> process.children().map(Sigterm::tell).reduce(false, Boolean::logicalOr))
        .orElse(false);
  }

  private static boolean tell(ProcessHandle process) {
    if (isPassiveShell(process.pid())) {
      var told = process.children().map(Sigterm::tell).reduce(false, Boolean::logicalOr);
      return told || process.destroy();
    }
    return process.destroy();
  }

  /// A shell without a trap only waits for what it started.
  private static boolean isPassiveShell(long pid) {
    try {
      var proc = Path.of("/proc/" + pid);
      return SHELLS.contains(Files.readString(proc.resolve("comm")).strip())
          && !has(proc, "SigCgt:")
          && !has(proc, "SigIgn:");
    } catch (IOException | NumberFormatException _) {
      return false;
    }
  }

  private static boolean has(Path proc, String field) throws IOException {
    for (var line : Files.readAllLines(proc.resolve("status"))) {
      if (line.startsWith(field)) {
        var mask = Long.parseUnsignedLong(line.substring(field.length()).strip(), 16);
        return (mask & TERM_BIT) != 0;
      }
    }
    return false;
  }
}
