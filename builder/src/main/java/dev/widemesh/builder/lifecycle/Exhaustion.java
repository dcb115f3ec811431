package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How often the kernel killed a program of a container for want of memory, and refused it a new
/// process. Read from its control group, of either generation: asking inside needs a process more,
/// and the engine only tells when the container itself ends by it.
record Exhaustion(long kills, long refusedProcesses) {
  static final Exhaustion NONE = new Exhaustion(0, 0);
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  /// Of the container whose first process has that number on this machine; none when it is gone.
  static Exhaustion of(long pid) {
    try {
      var groups = Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"));
      return new Exhaustion(
          sum(groups, "memory", List.of("memory.events", "memory.oom_control"), "oom_kill"),
          sum(groups, "pids", List.of("pids.events"), "max"));
    } catch (IOException | NumberFormatException _) {
      return NONE;
    }
  }

  Exhaustion orMore(Exhaustion other) {
    return new Exhaustion(
        Math.max(kills, other.kills), Math.max(refusedProcesses, other.refusedProcesses));
  }

  private static long sum(List<String> groups, String controller, List<String> files, String field)
      throws IOException {
    var sum = 0L;
    for (var folder : folders(groups, controller)) {
      for (var file : files) {
        sum += field(folder.resolve(file), field);
      }
    }
    return sum;
  }

  /// `7:memory:/docker/1f...` in the first generation, `0::/docker/1f...` in the second.
  private static List<Path> folders(List<String> groups, String controller) {
    var folders = new ArrayList<Path>();
    for (var line : groups) {
      var parts = line.split(":", 3);
      if (parts.length == 3 && parts[2].startsWith("/")) {
        var below = parts[2].substring(1);
        if (parts[1].isEmpty()) {
          folders.add(ROOT.resolve(below));
        } else if (Arrays.asList(parts[1].split(",", -1)).contains(controller)) {
          folders.add(ROOT.resolve(controller).resolve(below));
        }
      }
    }
    return folders;
  }

  private static long field(Path file, String name) throws IOException {
    if (!Files.isReadable(file)) {
      return 0;
    }
    for (var line : Files.readAllLines(file)) {
      if (line.startsWith(name + " ")) {
        return Long.parseLong(line.substring(name.length() + 1).strip());
      }
    }
    return 0;
  }
}
