package dev.widemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Proportional set size: each shared page counted once over all who share it.
final class Memory {
  private Memory() {}

  /// In bytes, of a process and all below it (the server processes of PostgreSQL).
  static long of(long pid) throws IOException {
    var sum = pss(pid);
    for (var child : ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).toList()) {
      var ours =
          Files.exists(Path.of("/proc/" + child.pid() + "/exe")) && sameProgram(pid, child.pid());
      sum += ours ? of(child.pid()) : 0;
    }
    return sum;
  }

  /// The supervisor is the parent of the other parts: those are counted by themselves.
  private static boolean sameProgram(long pid, long child) throws IOException {
    var exe = Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe"));
    return exe.endsWith("postgres")
        && Files.readSymbolicLink(Path.of("/proc/" + child + "/exe")).equals(exe);
  }

  private static long pss(long pid) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    }
  }
}
