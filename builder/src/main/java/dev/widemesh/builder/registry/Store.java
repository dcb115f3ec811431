package dev.widemesh.builder.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/// The files of the registry. Content lies once under `blobs/`; below `repositories/<name>/` small
/// files link it to a repository: `_blobs/<digest>`, `_manifests/<digest>`, `_tags/<tag>`. The link
/// of a blob says how many bytes that has; one of an earlier release says nothing.
///
/// Content is on disk before its link, and links of blobs before the manifest that needs them:
/// after a crash at any moment everything that can be reached is whole.
final class Store {
  private static final long COMPARED = 8 << 20;

  /// More than the digits of any size.
  private static final int LONGEST_SIZE = 20;

  static final List<String> LINKS = List.of("_blobs", "_manifests", "_tags");

  /// Ends with the block that it was taken for.
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private final Path root;

  /// Fair: who removes one thing after the other must not keep everyone else out.
  private final ReadWriteLock lock = new ReentrantReadWriteLock(true);

  Store(Path root) throws IOException {
    this.root = root;
    Files.createDirectories(root.resolve("blobs/sha256"));
    Files.createDirectories(root.resolve("blobs/sha512"));
    Files.createDirectories(repositories());
    Files.createDirectories(uploads());
  }

  Path uploads() {
    return root.resolve("uploads");
  }

  Path blobs() {
    return root.resolve("blobs");
  }

  Path repositories() {
    return root.resolve("repositories");
  }

  /// For who adds links, or relies on those that are there: nothing is removed meanwhile.
  Held using() {
    lock.readLock().lock();
    return lock.readLock()::unlock;
  }

  /// For who removes, as shortly as can be: nobody else looks meanwhile.
  Held removing() {
    lock.writeLock().lock();
    return lock.writeLock()::unlock;
  }

  Path content(Digest digest) {
    return blobs().resolve(digest.algorithm()).resolve(digest.hex());
  }

  Path repository(String name) {
    return repositories().resolve(name);
  }

  Path blobLink(String repository, Digest digest) {
    return repository(repository).resolve("_blobs").resolve(digest.fileName());
  }

  Path manifestLink(String repository, Digest digest) {
    return repository(repository).resolve("_manifests").resolve(digest.fileName());
  }

  Path tag(String repository, String tag) {
    return repository(repository).resolve("_tags").resolve(tag);
  }

  boolean has(String repository) {
    return LINKS.stream()
        .anyMatch(links -> Files.isDirectory(repository(repository).resolve(links)));
  }

  /// The blob's content, if the repository has it, and has all of it: what was cut is not there, so
  /// that whoever pushes it makes it whole.
  Optional<Path> blob(String repository, Digest digest) throws IOException {
    var size = linkedSize(repository, digest);
    var content = content(digest);
    return size.isPresent() && isOfSize(content, size.get())
        ? Optional.of(content)
        : Optional.empty();
  }

  private static boolean isOfSize(Path content, String size) throws IOException {
    try {
      var actual = Files.size(content);
      return size.isEmpty() || size.equals(String.valueOf(actual));
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  /// What the link says, nothing where there is none. One that is damaged says another size than
  /// any content has: who pushes that makes both whole.
  private Optional<String> linkedSize(String repository, Digest digest) throws IOException {
    try (var link = Files.newInputStream(blobLink(repository, digest))) {
      var said = new String(link.readNBytes(LONGEST_SIZE), StandardCharsets.ISO_8859_1);
      return Optional.of(said.strip());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /// The same, and what was asked for so is not collected for a while: the client may rely on the
  /// answer.
  Optional<Path> useBlob(String repository, Digest digest) throws IOException {
    try (var _ = using()) {
      return touch(blobLink(repository, digest)) ? blob(repository, digest) : Optional.empty();
    }
  }

  /// Moves a finished file, already forced to disk, to where its content belongs. Damaged content
  /// is made whole by it.
  void keep(Path file, Digest digest) throws IOException {
    var content = content(digest);
    if (touch(content) && isLike(file, content)) {
      Files.delete(file);
    } else {
      Durable.move(file, content);
    }
  }

  void keep(byte[] bytes, Digest digest) throws IOException {
    var content = content(digest);
    if (!touch(content)
        || Files.size(content) != bytes.length
        || !Arrays.equals(Files.readAllBytes(content), bytes)) {
      Durable.write(content, bytes);
    }
  }

  /// Layers are taken for the same by their size: to compare them takes as long as to write them.
  private static boolean isLike(Path file, Path content) throws IOException {
    var size = Files.size(content);
    return size == Files.size(file) && (size > COMPARED || Files.mismatch(file, content) < 0);
  }

  /// The content was found to be all of the blob just now.
  void linkBlob(String repository, Digest digest) throws IOException {
    try (var _ = using()) {
      link(repository, digest, String.valueOf(Files.size(content(digest))));
    }
  }

  /// Whether it could be: another repository must have all of it, that one if it is named.
  boolean mountBlob(String repository, Digest digest, Optional<String> from) throws IOException {
    try (var _ = using()) {
      if (from.isPresent() && useBlob(from.get(), digest).isEmpty()) {
        return false;
      }
      if (!touch(content(digest))) {
        return false;
      }
      var size = from.isPresent() ? linkedSize(from.get(), digest) : Optional.<String>empty();
      link(repository, digest, size.orElse(""));
      return blob(repository, digest).isPresent();
    }
  }

  private void link(String repository, Digest digest, String size) throws IOException {
    var link = blobLink(repository, digest);
    var said = linkedSize(repository, digest);
    if (said.isPresent() && (size.isEmpty() || said.get().equals(size))) {
      touch(link);
    } else {
      Durable.write(link, size.getBytes(StandardCharsets.UTF_8));
    }
  }

  static boolean touch(Path file) throws IOException {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      return true;
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  /// The names of the files in a folder, sorted; none where there is no folder.
  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  static List<Digest> digests(Path folder) throws IOException {
    var digests = new ArrayList<Digest>();
    for (var name : names(folder)) {
      Digest.ofFileName(name).ifPresent(digests::add);
    }
    return digests;
  }
}
