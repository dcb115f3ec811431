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

/// Files that a container's programs have open and that are in no folder any more. `pid` is the
/// number of its first program on this machine.
record OpenFiles(long pid) {
  private static final Logger log = LoggerFactory.getLogger(OpenFiles.class);
  private static final Path PROGRAMS = Path.of("/proc");
  private static final String LIST = "cgroup.procs";
  private static final int DEEPEST = 20;
  private static final int KIND = 0170000;
  private static final int REGULAR = 0100000;

  /// How large they are. Whatever ends or is closed meanwhile does not count.
  long bytes() {
    var sizes = new HashMap<List<Long>, Long>();
    for (var program : programs()) {
      add(PROGRAMS.resolve(program).resolve("fd"), sizes);
    }
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  private List<String> programs() {
    try (var groups =
        Files.find(ControlGroup.of(pid, "pids"), DEEPEST, (file, _) -> file.endsWith(LIST))) {
      return groups.flatMap(OpenFiles::lines).toList();
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

  private static void add(Path open, Map<List<Long>, Long> sizes) {
    try (var files = Files.newDirectoryStream(open)) {
      files.forEach(file -> count(file, sizes));
    } catch (IOException | DirectoryIteratorException e) {
      log.trace("{} is gone: {}", open, e.toString());
    }
  }

  private static void count(Path file, Map<List<Long>, Long> sizes) {
    try {
      var is = Files.readAttributes(file, "unix:mode,nlink,size,dev,ino");
      if (number(is, "nlink") == 0 && (number(is, "mode") & KIND) == REGULAR) {
        sizes.put(List.of(number(is, "dev"), number(is, "ino")), number(is, "size"));
      }
    } catch (IOException e) {
      log.trace("{} is closed: {}", file, e.toString());
    }
  }

  private static long number(Map<String, Object> attributes, String name) {
    return attributes.get(name) instanceof Number number ? number.longValue() : 0;
  }
}
