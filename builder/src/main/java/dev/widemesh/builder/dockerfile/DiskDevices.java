package dev.widemesh.builder.dockerfile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The numbers (`st_dev`) of the file systems on a disk that programs see. What is in memory is not
/// among them: `tmpfs`, and the kernel's own one behind `memfd_create`, which nobody mounts.
final class DiskDevices {
  private static final Logger log = LoggerFactory.getLogger(DiskDevices.class);
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "devtmpfs", "hugetlbfs");
  private static final int NUMBER = 2;

  /// The first of a line's fields that may be the dash before its file system's kind.
  private static final int OPTIONAL = 6;

  private final Set<Long> numbers = new HashSet<>();

  boolean have(long number) {
    return numbers.contains(number);
  }

  /// Where `file` lies: not every file system's files have the number that its mounts have.
  void addOf(Path file) {
    try {
      if (Files.getAttribute(file, "unix:dev") instanceof Long number) {
        numbers.add(number);
      }
    } catch (IOException e) {
      log.trace("{} is gone: {}", file, e.toString());
    }
  }

  /// All that a program has mounted; `program` is its folder in `/proc`. One that changed its root
  /// folder may see none: its parents do.
  void addSeenBy(Path program) {
    try {
      // Names in it are whatever bytes a build took.
      Files.readAllLines(program.resolve("mountinfo"), StandardCharsets.ISO_8859_1)
          .forEach(line -> add(line.split(" ", -1)));
    } catch (IOException e) {
      log.trace("{} is gone: {}", program, e.toString());
    }
  }

  /// `36 35 254:0 /there /here rw,noatime shared:1 - ext4 /dev/vda rw`, with any number of words
  /// right before the dash.
  private void add(String[] fields) {
    var dash = OPTIONAL;
    while (dash < fields.length && !fields[dash].equals("-")) {
      dash++;
    }
    if (dash + 1 < fields.length && !IN_MEMORY.contains(fields[dash + 1])) {
      numbers.add(number(fields[NUMBER]));
    }
  }

  /// As the C library makes one of the two.
  private static long number(String device) {
    var parts = Arrays.stream(device.split(":", 2)).mapToLong(Long::parseLong).toArray();
    var major = parts[0];
    var minor = parts[1];
    var low = ((major & 0xfff) << 8) | (minor & 0xff);
    return ((major & ~0xfffL) << 32) | ((minor & ~0xffL) << 12) | low;
  }
}
