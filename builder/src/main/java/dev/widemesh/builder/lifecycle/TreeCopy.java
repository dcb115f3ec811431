package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Puts a tree where a build may read it. Links stay links, and nobody follows them here.
public final class TreeCopy extends SimpleFileVisitor<Path> {
  private static final Set<PosixFilePermission> PLAIN =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path from;
  private final Path to;
  private final boolean linking;

  private final BooleanSupplier goesOn;
  private boolean whole = true;

  private TreeCopy(Path from, Path to, boolean linking, BooleanSupplier goesOn) {
    this.from = from;
    this.to = to;
    this.linking = linking;
    this.goesOn = goesOn;
  }

  /// `to` is made, and must not exist.
  public static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(from, new TreeCopy(from, to, false, () -> true));
  }

  /// The same as long as it `goesOn`, which is asked before each file; answers whether it is whole.
  public static boolean copy(Path from, Path to, BooleanSupplier goesOn) throws IOException {
    var copy = new TreeCopy(from, to, false, goesOn);
    Files.walkFileTree(from, copy);
    return copy.whole;
  }

  /// With the same files (hard links), which nobody changes.
  static void link(Path from, Path to) throws IOException {
    Files.walkFileTree(from, new TreeCopy(from, to, true, () -> true));
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
      throws IOException {
    var copy = Files.createDirectory(to.resolve(from.relativize(folder)));
    Files.setPosixFilePermissions(copy, PROGRAM);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (!goesOn.getAsBoolean()) {
      whole = false;
      return FileVisitResult.TERMINATE;
    }
    var copy = to.resolve(from.relativize(file));
    if (attributes.isSymbolicLink()) {
      Files.createSymbolicLink(copy, Files.readSymbolicLink(file));
    } else if (attributes.isRegularFile() && linking) {
      Files.createLink(copy, file);
    } else if (attributes.isRegularFile()) {
      var program = Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_EXECUTE);
      Files.copy(file, copy);
      Files.setPosixFilePermissions(copy, program ? PROGRAM : PLAIN);
    }
    return FileVisitResult.CONTINUE;
  }
}
