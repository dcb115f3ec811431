package dev.widemesh.rack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Memory and processor time of a container, read from its control group: cheaper than asking
/// Docker. Both versions of control groups.
record Usage(long memoryBytes, double cpus, Sample sample) {
  static final Usage NONE = new Usage(0, 0, new Sample(0, 0));
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  record Sample(long cpuNanos, long atNanos) {}

  /// `before` gives the start of the interval over which processor time is averaged.
  static Usage of(long pid, Usage before) {
    try {
      var now = System.nanoTime();
      var cpu = cpuNanos(pid);
      var sample = new Sample(cpu, now);
      return new Usage(memory(pid), rate(before.sample(), sample), sample);
    } catch (IOException | NumberFormatException _) {
      return NONE;
    }
  }

  private static double rate(Sample before, Sample now) {
    var known = before.atNanos() != 0 && now.cpuNanos() >= before.cpuNanos();
    return known
        ? (double) (now.cpuNanos() - before.cpuNanos()) / (now.atNanos() - before.atNanos())
        : 0;
  }

  private static long cpuNanos(long pid) throws IOException {
    var one = group(pid, "cpuacct");
    return one.isPresent()
        ? number(one.get().resolve("cpuacct.usage"))
        : 1_000 * field(unified(pid).resolve("cpu.stat"), "usage_usec");
  }

  private static long memory(long pid) throws IOException {
    var one = group(pid, "memory");
    var used =
        one.isPresent()
            ? number(one.get().resolve("memory.usage_in_bytes"))
                - field(one.get().resolve("memory.stat"), "total_inactive_file")
            : number(unified(pid).resolve("memory.current"))
                - field(unified(pid).resolve("memory.stat"), "inactive_file");
    return Math.max(0, used);
  }

  private static Optional<Path> group(long pid, String controller) throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      var parts = line.split(":", 3);
      if (java.util.List.of(parts[1].split(",")).contains(controller)) {
        return Optional.of(ROOT.resolve(controller).resolve(parts[2].substring(1)));
      }
    }
    return Optional.empty();
  }

  private static Path unified(long pid) throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      if (line.startsWith("0::/")) {
        return ROOT.resolve(line.substring(4));
      }
    }
    throw new IOException("no control group");
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  private static long field(Path file, String name) throws IOException {
    for (var line : Files.readAllLines(file)) {
      if (line.startsWith(name + " ")) {
        return Long.parseLong(line.substring(name.length() + 1).strip());
      }
    }
    return 0;
  }
}
