package dev.widemesh.builder.dockerfile;

import dev.widemesh.model.ControlGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files on a disk that a container's programs have open and that are in no folder any more. `pid`
/// is the number of its first program on this machine, `folder` lies on the disk that it writes to,
/// `most` is how many descriptors are looked at: programs can have millions.
record OpenFiles(long pid, Path folder, int most) {
  static final int MOST = 100_000;

  private static final Logger log = LoggerFactory.getLogger(OpenFiles.class);
  private static final Path PROGRAMS = Path.of("/proc");
  private static final String LIST = "cgroup.procs";
  private static final int DEEPEST = 20;
  private static final int KIND = 0170000;
  private static final int REGULAR = 0100000;

  /// How large they are, holes too; `isMore` where there were more descriptors than are looked at.
  record Sum(long bytes, boolean isMore) {
    static final Sum NONE = new Sum(0, false);
  }

  /// Whatever ends or is closed meanwhile does not count.
  Sum sum() {
    var programs = programs();
    var disks = new DiskDevices();
    disks.addOf(folder);
    programs.forEach(disks::addSeenBy);
    var counting = new Counting(disks, most);
    programs.forEach(counting::add);
    return counting.sum();
  }

  private List<Path> programs() {
    try (var groups =
        Files.find(ControlGroup.of(pid, "pids"), DEEPEST, (file, _) -> file.endsWith(LIST))) {
      return groups.flatMap(OpenFiles::lines).map(PROGRAMS::resolve).toList();
    } catch (IOException | UncheckedIOException e) {
      log.debug("the programs of {} cannot be listed any more: {}", pid, e.toString());
      return List.of();
    }
  }

  private static Stream<String> lines(Path list) {
    try {
      return Files.readAllLines(list).stream();
    } catch (IOException e) {
      log.trace("{} is gone: {}", list, e.toString());
      return Stream.empty();
    }
  }

  private static final class Counting {
    private final DiskDevices disks;
    private final int most;
    private final Map<List<Long>, Long> sizes = new HashMap<>();
    private int descriptors;

    Counting(DiskDevices disks, int most) {
      this.disks = disks;
      this.most = most;
    }

    Sum sum() {
      var bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
      return new Sum(bytes, descriptors > most);
    }

    void add(Path program) {
      try (var open = Files.newDirectoryStream(program.resolve("fd"))) {
        for (var descriptor : open) {
          descriptors++;
          if (descriptors > most) {
            return;
          }
          count(descriptor);
        }
      } catch (IOException | DirectoryIteratorException e) {
        log.trace("{} is gone: {}", program, e.toString());
      }
    }

    private void count(Path descriptor) {
      try {
        var is = Files.readAttributes(descriptor, "unix:mode,nlink,size,dev,ino");
        if (number(is, "nlink") == 0
            && (number(is, "mode") & KIND) == REGULAR
            && disks.have(number(is, "dev"))) {
          sizes.put(List.of(number(is, "dev"), number(is, "ino")), number(is, "size"));
        }
      } catch (IOException e) {
        log.trace("{} is closed: {}", descriptor, e.toString());
      }
    }

    private static long number(Map<String, Object> attributes, String name) {
      return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }
  }
}
