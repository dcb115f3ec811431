package dev.widemesh.rack;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a container wrote beside its image: the upper layer of its file system, which nothing else
/// bounds. An empty file counts too: it costs the disk an inode.
final class DiskUse extends SimpleFileVisitor<Path> {
  private static final Pattern UPPER = Pattern.compile("(?:^|,)upperdir=([^,]+)");
  private static final long SMALLEST = 4_096;

  private final long limit;
  private long bytes;

  private DiskUse(long limit) {
    this.limit = limit;
  }

  /// Of the container whose first process has that number on this machine. May be asked while it
  /// writes; stops counting at the limit.
  static boolean exceeds(long pid, long limit) {
    var use = new DiskUse(limit);
    try {
      var layer = upperLayer(Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo")));
      if (layer.isPresent()) {
        Files.walkFileTree(layer.get(), use);
      }
    } catch (IOException _) {
      return false; // It ended meanwhile.
    }
    return use.bytes > limit;
  }

  /// `... / / rw,relatime - overlay overlay
  /// rw,lowerdir=...,upperdir=/var/lib/docker/...,workdir=...`
  static Optional<Path> upperLayer(List<String> mounts) {
    return mounts.stream()
        .map(line -> line.split(" "))
        .filter(fields -> fields.length > 6 && fields[4].equals("/"))
        .map(fields -> UPPER.matcher(fields[fields.length - 1]))
        .filter(Matcher::find)
        .map(found -> Path.of(found.group(1)))
        .findFirst();
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    return count(SMALLEST);
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    return count(Math.max(SMALLEST, attributes.size()));
  }

  private FileVisitResult count(long size) {
    bytes += size;
    return bytes > limit ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
  }

  /// It vanished meanwhile, or nobody can enter it.
  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) {
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) {
    return FileVisitResult.CONTINUE;
  }
}
