package dev.widemesh.git;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The LFS files of one stack, each named by the SHA-256 of what it holds, in the stack's
/// repository: they go with it, and into backups.
record LfsStore(StackRepository repository, Repositories repositories, PushLimits limits) {
  private static final Pattern OID = Pattern.compile("[0-9a-f]{64}");
  private static final long LOOK_AT_DISK = 16_000_000;

  static boolean isOid(String text) {
    return OID.matcher(text).matches();
  }

  /// Of a repository's folder.
  static Path folder(Path repository) {
    return repository.resolve("lfs/objects");
  }

  private static Path file(StackRepository repository, String oid) {
    if (!isOid(oid)) {
      throw new IllegalArgumentException("no hash of an LFS file: '" + oid + "'");
    }
    return folder(repository.folder())
        .resolve(oid.substring(0, 2))
        .resolve(oid.substring(2, 4))
        .resolve(oid);
  }

  static Optional<Path> find(StackRepository repository, LfsPointer pointer) throws IOException {
    var file = file(repository, pointer.oid());
    try {
      return Files.size(file) == pointer.size() ? Optional.of(file) : Optional.empty();
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  Optional<Path> find(LfsPointer pointer) throws IOException {
    return find(repository, pointer);
  }

  Optional<Path> find(String oid) {
    return Optional.of(file(repository, oid)).filter(Files::isRegularFile);
  }

  /// Whether it is here, and will be for as long as a push of its pointer may take.
  boolean has(LfsPointer pointer) throws IOException {
    return repository.lfs().touch(file(repository, pointer.oid()), pointer.size());
  }

  /// Before anything of it is sent.
  void requireModest(LfsPointer pointer) throws Refused {
    if (pointer.size() > limits.pack()) {
      throw new Refused(
          "a file of git LFS is larger than %,d MB".formatted(limits.packMegabytes()),
          "keep it out of git");
    }
  }

  /// For files that are to come. Each asks again when it does.
  void requireRoom(List<LfsPointer> files) throws IOException, Refused {
    requireDisk(files.stream().mapToLong(LfsPointer::size).sum());
    repository.lfs().require(files);
  }

  /// Takes exactly those bytes. Refused is what turns out to be another file; nothing of it stays.
  void put(LfsPointer pointer, InputStream content) throws IOException, Refused {
    requireModest(pointer);
    requireDisk(pointer.size());
    try (var place = repository.lfs().reserve(pointer);
        var draft = repositories.draft()) {
      var hash = write(draft.path(), content, pointer.size());
      if (!hash.equals(pointer.oid())) {
        throw new Refused(
            "what came is not the file %.12s that was announced".formatted(pointer.oid()),
            "push again");
      }
      keep(place, draft.path(), file(repository, pointer.oid()));
    }
  }

  private String write(Path file, InputStream content, long size) throws IOException, Refused {
    var digest = sha256();
    try (var out = FileChannel.open(file, CREATE_NEW, WRITE)) {
      var buffer = new byte[1 << 16];
      var came = 0L;
      var lookedAt = LOOK_AT_DISK;
      for (var got = content.read(buffer); got >= 0; got = content.read(buffer)) {
        came += got;
        if (came > size) {
          throw new Refused("more came than the %,d bytes announced".formatted(size), "push again");
        }
        digest.update(buffer, 0, got);
        for (var piece = ByteBuffer.wrap(buffer, 0, got); piece.hasRemaining(); ) {
          out.write(piece);
        }
        if (came > lookedAt) {
          lookedAt = came + LOOK_AT_DISK;
          requireDisk(0);
        }
      }
      out.force(true);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void requireDisk(long more) throws IOException, Refused {
    if (Files.getFileStore(repository.folder()).getUsableSpace() - more < limits.freeDisk()) {
      throw new Refused("the server's disk is nearly full", "ask its operator to make room");
    }
  }

  /// Under the repository's lock: it may be removed just now.
  private void keep(LfsRoom.Place place, Path draft, Path file) throws IOException {
    repository.lock().lock();
    try {
      if (!Files.isDirectory(repository.folder())) {
        throw new IOException("the stack was removed meanwhile");
      }
      Files.createDirectories(file.getParent());
      place.take(draft, file);
      for (var up : List.of(".", "..", "../..", "../../..", "../../../..")) {
        Disk.sync(file.resolveSibling(up));
      }
      Failpoint.LFS_FILE_KEPT.pass();
    } finally {
      repository.lock().unlock();
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
