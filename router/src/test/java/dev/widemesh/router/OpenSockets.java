package dev.widemesh.router;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// The connections of this machine that the kernel still holds, even if no process does (proc(5),
/// `/proc/net/tcp`). One that may speak IPv6 as well is in the other table.
final class OpenSockets {
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final String LISTEN = "0A";
  private static final String TIME_WAIT = "06";

  private OpenSockets() {}

  /// Taken at that port.
  static long at(int port) {
    return count(LOCAL, port);
  }

  /// Made to that port.
  static long to(int port) {
    return count(REMOTE, port);
  }

  private static long count(int side, int port) {
    return count("tcp", side, port) + count("tcp6", side, port);
  }

  private static long count(String table, int side, int port) {
    var suffix = String.format(Locale.ROOT, ":%04X", port);
    try (var lines = Files.lines(Path.of("/proc/net", table))) {
      return lines
          .skip(1)
          .map(line -> line.strip().split("\\s+", -1))
          .filter(fields -> fields[side].endsWith(suffix))
          .filter(fields -> !fields[3].equals(LISTEN) && !fields[3].equals(TIME_WAIT))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
