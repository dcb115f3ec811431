package dev.widemesh.allinone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// By how much the memory of a process grew, at most, since a moment.
record PeakMemory(long pid, long before) {
  static PeakMemory of(long pid) {
    try {
      // From now on the kernel looks for the peak anew.
      Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
      return new PeakMemory(pid, bytes(pid, "VmRSS:"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long grownBy() {
    try {
      return bytes(pid, "VmHWM:") - before;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long bytes(long pid, String name) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      var line = lines.filter(each -> each.startsWith(name)).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }
  }
}
