package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.Sha256;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Tells whether a layer changed without reading its files: names, kinds, sizes, modes and times of
/// modification, hashed. Only of its settings (`env`, `exec.d` and the like, which buildpacks like
/// to write again each time) the content counts, and they are copied rather than linked.
record FolderListing(String hash, long bytes) {
  private static final Set<String> SETTINGS =
      Set.of("env", "env.build", "env.launch", "exec.d", "profile.d");

  private static boolean isSetting(Path relative) {
    return relative.getNameCount() > 1 && SETTINGS.contains(relative.getName(0).toString());
  }

  static FolderListing of(Path folder) throws IOException {
    var reading = new Reading(folder);
    Files.walkFileTree(folder, reading);
    return reading.result();
  }

  /// Makes `to` a copy of `from` whose files are the same files (hard links), and lists it.
  static FolderListing link(Path from, Path to, HostUser user) throws IOException {
    return copy(from, to, user, true);
  }

  /// The same with files of their own.
  static FolderListing copy(Path from, Path to, HostUser user) throws IOException {
    return copy(from, to, user, false);
  }

  private static FolderListing copy(Path from, Path to, HostUser user, boolean linking)
      throws IOException {
    var copying = new Copying(from, to, user, linking);
    Files.walkFileTree(from, copying);
    return copying.result();
  }

  private static class Reading extends SimpleFileVisitor<Path> {
    final Path folder;
    private final List<String> lines = new ArrayList<>();
    private long bytes;

    Reading(Path folder) {
      this.folder = folder;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      line(directory, "d");
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (attributes.isSymbolicLink()) {
        lines.add(folder.relativize(file) + "\0l" + Files.readSymbolicLink(file));
      } else {
        bytes += attributes.size();
        line(file, content(file, attributes));
      }
      return FileVisitResult.CONTINUE;
    }

    private String content(Path file, BasicFileAttributes attributes) throws IOException {
      return attributes.isRegularFile() && isSetting(folder.relativize(file))
          ? Sha256.of(file)
          : attributes.size() + "@" + attributes.lastModifiedTime().toInstant();
    }

    private void line(Path path, String what) throws IOException {
      var posix = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      lines.add(
          folder.relativize(path) + "\0" + what + posix.permissions().stream().sorted().toList());
    }

    FolderListing result() {
      lines.sort(null);
      return new FolderListing(Sha256.of(lines), bytes);
    }
  }

  private static final class Copying extends Reading {
    private final Path to;
    private final HostUser user;
    private final boolean mine;
    private final boolean linking;

    Copying(Path from, Path to, HostUser user, boolean linking) throws IOException {
      super(from);
      this.to = to;
      this.user = user;
      this.mine = user.isSelf();
      this.linking = linking;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      var copy = to.resolve(folder.relativize(directory));
      Files.createDirectories(copy);
      Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(directory));
      give(copy);
      return super.preVisitDirectory(directory, attributes);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      var copy = to.resolve(folder.relativize(file));
      if (attributes.isSymbolicLink()) {
        Files.createSymbolicLink(copy, Files.readSymbolicLink(file));
        give(copy);
      } else if (attributes.isRegularFile() && (!linking || isSetting(folder.relativize(file)))) {
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        give(copy);
      } else {
        Files.createLink(copy, file);
      }
      return super.visitFile(file, attributes);
    }

    private void give(Path path) throws IOException {
      if (!mine) {
        user.takeOne(path);
      }
    }
  }
}
