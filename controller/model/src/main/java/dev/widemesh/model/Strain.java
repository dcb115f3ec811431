package dev.widemesh.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How often the kernel killed a program of a container for want of memory, and refused it another
/// process: by themselves neither ends the container. Both generations of control groups; asking
/// inside would need a process more.
public record Strain(long kills, long refusedProcesses) {
  public static final Strain NONE = new Strain(0, 0);

  /// Of the container whose first process has that number on this machine; none when it is gone.
  public static Strain of(long pid) {
    try {
      var memory = ControlGroup.of(pid, "memory");
      return new Strain(
          field(memory.resolve("memory.oom_control"), "oom_kill")
              + field(memory.resolve("memory.events"), "oom_kill"),
          field(ControlGroup.of(pid, "pids").resolve("pids.events"), "max"));
    } catch (IOException | NumberFormatException _) {
      return NONE;
    }
  }

  private static long field(Path file, String name) throws IOException {
    return Files.exists(file) ? ControlGroup.field(file, name) : 0;
  }

  /// A container that was started anew counts from nothing.
  public Strain since(Strain before) {
    var anew = kills < before.kills || refusedProcesses < before.refusedProcesses;
    return anew
        ? this
        : new Strain(kills - before.kills, refusedProcesses - before.refusedProcesses);
  }

  public Strain orMore(Strain other) {
    return new Strain(
        Math.max(kills, other.kills), Math.max(refusedProcesses, other.refusedProcesses));
  }
}
