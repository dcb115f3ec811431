package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.image.SortedTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Predicate;

/// Tells whether a layer changed without reading its files: names, kinds, sizes, modes and times of
/// modification, hashed. Only of its settings (`env`, `exec.d` and the like, which buildpacks like
/// to write again each time) the content counts, and they are copied rather than linked.
///
/// A program can write other content of the same size and set the time back. So where that matters
/// `touched` is asked besides: when the kernel last saw a change of anything in the layer but its
/// settings. `bytes` are those of all its names, as [Amount] counts them; `disk` is what it takes
/// beside what was listed with the same [Inodes] before it, or `bytes` where it was with none.
/// Settings count by their names in both: each is copied.
record FolderListing(String hash, long bytes, long disk, FileTime touched) {
  private static final FileTime NEVER = FileTime.fromMillis(0);
  private static final Set<String> SETTINGS =
      Set.of("env", "env.build", "env.launch", "exec.d", "profile.d");

  private static boolean isSetting(Path relative) {
    return relative.getNameCount() > 1 && isInSettings(relative);
  }

  private static boolean isInSettings(Path relative) {
    return SETTINGS.contains(relative.getName(0).toString());
  }

  /// When the kernel last saw a change of that file or folder itself.
  static FileTime touched(Path path) throws IOException {
    return (FileTime) Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
  }

  static FolderListing of(Path folder) throws IOException {
    return of(new Reading(folder, _ -> true));
  }

  static FolderListing of(Path folder, Inodes counted) throws IOException {
    return of(new Reading(folder, counted::count));
  }

  private static FolderListing of(Reading reading) throws IOException {
    SortedTree.walk(reading.folder, reading);
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
    return of(new Copying(from, to, user, linking));
  }

  private static class Reading implements SortedTree.Visitor {
    final Path folder;
    private final Predicate<BasicFileAttributes> isNew;
    private final MessageDigest hash = Sha256.digest();
    private boolean begun;
    private long bytes;
    private long known;
    private FileTime touched = NEVER;

    Reading(Path folder, Predicate<BasicFileAttributes> isNew) {
      this.folder = folder;
      this.isNew = isNew;
    }

    @Override
    public void visit(Path path, String relative) throws IOException {
      var facts = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (facts.isSymbolicLink()) {
        line(relative + "\0l" + Files.readSymbolicLink(path));
      } else if (facts.isDirectory()) {
        bytes += Amount.SMALLEST;
        line(relative + "\0d" + mode(facts));
        touch(path);
      } else {
        count(path, facts);
        line(relative + "\0" + content(path, facts) + mode(facts));
        touch(path);
      }
    }

    private void count(Path path, PosixFileAttributes facts) {
      var size = Amount.onDisk(facts.size());
      bytes += size;
      if (!isSetting(folder.relativize(path)) && !isNew.test(facts)) {
        known += size;
      }
    }

    // The layer's own folder is moved to its place, and gets settings.
    private void touch(Path path) throws IOException {
      if (!path.equals(folder) && !isOfSettings(path)) {
        var now = FolderListing.touched(path);
        touched = now.compareTo(touched) > 0 ? now : touched;
      }
    }

    // A file that is only called so is none.
    private boolean isOfSettings(Path path) {
      var relative = folder.relativize(path);
      return isSetting(relative) || (isInSettings(relative) && Contained.isRealFolder(path));
    }

    private String content(Path file, PosixFileAttributes facts) throws IOException {
      return facts.isRegularFile() && isSetting(folder.relativize(file))
          ? Sha256.of(file)
          : facts.size() + "@" + facts.lastModifiedTime().toInstant();
    }

    private static String mode(PosixFileAttributes facts) {
      return facts.permissions().stream().sorted().toList().toString();
    }

    private void line(String text) {
      hash.update(((begun ? "\n" : "") + text).getBytes(StandardCharsets.UTF_8));
      begun = true;
    }

    FolderListing result() {
      var digest = "sha256:" + HexFormat.of().formatHex(hash.digest());
      return new FolderListing(digest, bytes, bytes - known, touched);
    }
  }

  private static final class Copying extends Reading {
    private final Path to;
    private final HostUser user;
    private final boolean mine;
    private final boolean linking;

    Copying(Path from, Path to, HostUser user, boolean linking) throws IOException {
      super(from, _ -> true);
      this.to = to;
      this.user = user;
      this.mine = user.isSelf();
      this.linking = linking;
    }

    @Override
    public void visit(Path path, String relative) throws IOException {
      // Not by the text: it may lack what the name has.
      var below = folder.relativize(path);
      var copy = to.resolve(below);
      if (Files.isSymbolicLink(path)) {
        Files.createSymbolicLink(copy, Files.readSymbolicLink(path));
        give(copy);
      } else if (Contained.isRealFolder(path)) {
        Files.createDirectories(copy);
        Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(path));
        give(copy);
      } else if (Contained.isRealFile(path) && (!linking || isSetting(below))) {
        Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES);
        give(copy);
      } else {
        Files.createLink(copy, path);
      }
      super.visit(path, relative);
    }

    private void give(Path path) throws IOException {
      if (!mine) {
        user.takeOne(path);
      }
    }
  }
}
