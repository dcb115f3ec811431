package dev.widemesh.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where the kernel keeps the books of a container. In the first generation each controller has a
/// tree of its own (`7:memory:/docker/1f...`), in the second all share one (`0::/docker/1f...`).
public final class ControlGroup {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  private ControlGroup() {}

  public static Path of(long pid, String controller) throws IOException {
    var own = first(pid, controller);
    return own.isPresent() ? own.get() : unified(pid);
  }

  public static Optional<Path> first(long pid, String controller) throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      var parts = line.split(":", 3);
      if (List.of(parts[1].split(",")).contains(controller)) {
        return Optional.of(ROOT.resolve(controller).resolve(parts[2].substring(1)));
      }
    }
    return Optional.empty();
  }

  public static Path unified(long pid) throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      if (line.startsWith("0::/")) {
        return ROOT.resolve(line.substring(4));
      }
    }
    throw new IOException("no control group");
  }

  public static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  /// 0 where the file does not have it.
  public static long field(Path file, String name) throws IOException {
    for (var line : Files.readAllLines(file)) {
      if (line.startsWith(name + " ")) {
        return Long.parseLong(line.substring(name.length() + 1).strip());
      }
    }
    return 0;
  }
}
