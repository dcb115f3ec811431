package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How much lies in the folders of a build. An empty file counts as a file and not as bytes: it
/// costs the disk an inode, and whoever lists it memory. One with several names (hard links) counts
/// with each: the names cost memory, and each layer of the image that has one holds it by itself.
public record Amount(long bytes, long files, long letters, boolean deep) {
  static final long SMALLEST = 4_096;
  private static final long MOST_FILES = 300_000;
  private static final long MOST_LETTERS = 60_000_000;
  private static final int LONGEST_PATH = 3_000;

  /// May be asked while the build writes: what vanishes meanwhile does not count.
  public static Amount of(List<Path> folders) throws IOException {
    var counting = new Counting();
    for (var folder : folders) {
      Files.walkFileTree(folder, counting);
    }
    return new Amount(counting.bytes, counting.files, counting.letters, counting.deep);
  }

  /// What a file or folder of that size takes.
  static long onDisk(long size) {
    return size == 0 ? 0 : Math.max(SMALLEST, size);
  }

  /// What is wrong with it, in words.
  Optional<String> refusal(long mostBytes) {
    if (deep) {
      return Optional.of("the build nested its folders too deep");
    }
    if (files > MOST_FILES) {
      return Optional.of("the build made more than %,d files".formatted(MOST_FILES));
    }
    if (letters > MOST_LETTERS) {
      return Optional.of(
          "the names of the files that the build made take more than %d MB"
              .formatted(MOST_LETTERS / 1_000_000));
    }
    return bytes > mostBytes
        ? Optional.of("the build wrote more than %d MB".formatted(mostBytes / 1_000_000))
        : Optional.empty();
  }

  private static final class Counting extends SimpleFileVisitor<Path> {
    private long bytes;
    private long files;
    private long letters;
    private boolean deep;

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      count(folder, SMALLEST);
      if (folder.toString().length() <= LONGEST_PATH) {
        return FileVisitResult.CONTINUE;
      }
      deep = true;
      return FileVisitResult.TERMINATE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      count(file, attributes.isRegularFile() ? attributes.size() : 0);
      return FileVisitResult.CONTINUE;
    }

    private void count(Path path, long size) {
      bytes += onDisk(size);
      files++;
      letters += path.toString().length();
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      return vanished(failure);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
        throws IOException {
      return failure == null ? FileVisitResult.CONTINUE : vanished(failure);
    }

    private static FileVisitResult vanished(IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }
  }
}
