package dev.widemesh.builder.image;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/// One hash over all that a folder holds: names, contents, links, and what can be run.
public final class TreeDigest extends SimpleFileVisitor<Path> {
  private final Path root;
  private final List<String> lines = new ArrayList<>();
  private long bytes;

  private TreeDigest(Path root) {
    this.root = root;
  }

  /// `sha256:<hex>`
  public static String of(Path root) throws IOException {
    return read(root).digest();
  }

  public static TreeDigest read(Path root) throws IOException {
    var reading = new TreeDigest(root);
    Files.walkFileTree(root, reading);
    reading.lines.sort(null);
    return reading;
  }

  public String digest() {
    return Sha256.of(lines);
  }

  /// What it takes on a disk, at least.
  public long bytes() {
    return bytes;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    return add(folder, "d", 4_096);
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (attributes.isSymbolicLink()) {
      return add(file, "l" + Files.readSymbolicLink(file), 0);
    }
    var mode = Files.isExecutable(file) ? "x" : "-";
    return add(file, mode + Sha256.of(file), Math.max(4_096, attributes.size()));
  }

  private FileVisitResult add(Path path, String what, long size) {
    lines.add(root.relativize(path) + "\0" + what);
    bytes += size;
    return FileVisitResult.CONTINUE;
  }
}
