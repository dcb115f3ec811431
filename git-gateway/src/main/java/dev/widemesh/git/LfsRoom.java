package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// How much the LFS files of one stack take, those on their way included: whoever sends one has its
/// room before the first byte comes.
///
/// When changing this: whatever comes to these files, or goes, does so in here. Else the sum is
/// wrong until the next start, and a file may go that somebody heard is here.
final class LfsRoom {
  /// What all of a stack may have together, `bytes` as [#cost] counts them.
  record Bounds(long files, long bytes) {
    static final Bounds USUAL = new Bounds(200_000, 20_000_000_000L);
  }

  private record Extent(long files, long bytes) {
    static final Extent NOTHING = new Extent(0, 0);

    static Extent of(long size) {
      return new Extent(1, cost(size));
    }

    Extent plus(Extent other) {
      return new Extent(files + other.files, bytes + other.bytes);
    }

    Extent minus(Extent other) {
      return new Extent(files - other.files, bytes - other.bytes);
    }
  }

  /// On most disks the smallest file takes so many bytes.
  private static final long BLOCK = 4_096;

  private final Path folder;
  private final Bounds bounds;
  // Empty where nobody has counted yet.
  private Optional<Extent> here = Optional.empty();
  private Extent coming = Extent.NOTHING;

  /// `folder` is that of the LFS files; it need not be there.
  LfsRoom(Path folder, Bounds bounds) {
    this.folder = folder;
    this.bounds = bounds;
  }

  private static long cost(long size) {
    return Math.max(size, BLOCK);
  }

  /// For all of these, though nobody keeps it for them.
  synchronized void require(Collection<LfsPointer> files) throws IOException, Refused {
    require(
        files.stream().map(each -> Extent.of(each.size())).reduce(Extent.NOTHING, Extent::plus));
  }

  private void require(Extent more) throws IOException, Refused {
    var whole = here().plus(coming).plus(more);
    if (whole.files > bounds.files) {
      throw new Refused(
          "the stack has more than %,d LFS files".formatted(bounds.files),
          "keep what is small in git itself: git lfs migrate export --everything --include=NAMES");
    }
    if (whole.bytes > bounds.bytes) {
      throw new Refused(
          "the LFS files of the stack have more than %,d MB together"
              .formatted(bounds.bytes / 1_000_000),
          "keep what is large and changes often out of git: git filter-repo --path NAME --invert-paths");
    }
  }

  private Extent here() throws IOException {
    if (here.isEmpty()) {
      here = Optional.of(count());
    }
    return here.get();
  }

  private Extent count() throws IOException {
    var sum = new Sum();
    if (Files.isDirectory(folder)) {
      Files.walkFileTree(folder, sum);
    }
    return sum.whole;
  }

  /// To be closed when the file has come, or will not: then its room is another's.
  synchronized Place reserve(LfsPointer pointer) throws IOException, Refused {
    var more = Extent.of(pointer.size());
    require(more);
    coming = coming.plus(more);
    return new Place(more);
  }

  /// Of one file that is on its way.
  final class Place implements AutoCloseable {
    private Extent kept;

    private Place(Extent kept) {
      this.kept = kept;
    }

    /// The file has come, as `draft`, and is from now on `file`.
    void take(Path draft, Path file) throws IOException {
      synchronized (LfsRoom.this) {
        var before = extent(file);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        var more = extent(file).minus(before);
        here = here.map(sum -> sum.plus(more));
        close();
      }
    }

    @Override
    public void close() {
      synchronized (LfsRoom.this) {
        coming = coming.minus(kept);
        kept = Extent.NOTHING;
      }
    }
  }

  private static Extent extent(Path file) throws IOException {
    try {
      return Extent.of(Files.size(file));
    } catch (NoSuchFileException _) {
      return Extent.NOTHING;
    }
  }

  /// Whether the file is here, and will be for as long as a push of its pointer may take.
  synchronized boolean touch(Path file, long size) throws IOException {
    try {
      if (Files.size(file) != size) {
        return false;
      }
    } catch (NoSuchFileException _) {
      return false;
    }
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    return true;
  }

  /// Removes the file, unless somebody asked for it meanwhile, and the folders that it leaves
  /// empty. Under the repository's lock, as whoever makes them has it.
  synchronized void removeOld(Path file, Instant before) throws IOException {
    if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
      var gone = extent(file);
      Files.delete(file);
      here = here.map(sum -> sum.minus(gone));
      removeEmpty(List.of(file.resolveSibling(""), file.resolveSibling("..").normalize()));
    }
  }

  private static void removeEmpty(List<Path> folders) throws IOException {
    try {
      for (var each : folders) {
        Files.delete(each);
      }
    } catch (DirectoryNotEmptyException _) {
      // Others are in there.
    }
  }

  /// All of them have gone, with the repository.
  synchronized void forget() {
    here = Optional.empty();
  }

  private static final class Sum extends SimpleFileVisitor<Path> {
    private Extent whole = Extent.NOTHING;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
      whole = whole.plus(Extent.of(about.size()));
      return FileVisitResult.CONTINUE;
    }

    /// The repository is being removed.
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }
  }
}
