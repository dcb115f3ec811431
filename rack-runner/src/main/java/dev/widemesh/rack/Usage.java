package dev.widemesh.rack;

import dev.widemesh.model.ControlGroup;
import java.io.IOException;

/// Memory and processor time of a container, read from its control group: cheaper than asking
/// Docker. Both versions of control groups.
record Usage(long memoryBytes, double cpus, Sample sample) {
  static final Usage NONE = new Usage(0, 0, new Sample(0, 0));

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
    var one = ControlGroup.first(pid, "cpuacct");
    return one.isPresent()
        ? ControlGroup.number(one.get().resolve("cpuacct.usage"))
        : 1_000 * ControlGroup.field(ControlGroup.unified(pid).resolve("cpu.stat"), "usage_usec");
  }

  private static long memory(long pid) throws IOException {
    var one = ControlGroup.first(pid, "memory");
    var used =
        one.isPresent()
            ? ControlGroup.number(one.get().resolve("memory.usage_in_bytes"))
                - ControlGroup.field(one.get().resolve("memory.stat"), "total_inactive_file")
            : ControlGroup.number(ControlGroup.unified(pid).resolve("memory.current"))
                - ControlGroup.field(
                    ControlGroup.unified(pid).resolve("memory.stat"), "inactive_file");
    return Math.max(0, used);
  }
}
