package dev.widemesh.builder.registry;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/// A blob that is arriving. The hash is taken while it arrives, unless it goes on after a restart.
///
/// What arrived lies in `<id>`, and in `<id>.of` to what it belongs.
final class Upload implements AutoCloseable {
  /// No layer should be that big; a client that never stops sending must.
  private static final long LIMIT = 16L << 30;

  private static final String OF = ".of";

  private record Target(String repository) {}

  final UUID id;
  final String repository;
  private final Path file;
  private final FileChannel channel;
  private final MessageDigest hash;
  private final String hashing;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile long size;
  private volatile Instant used;

  private Upload(UUID id, String repository, Path folder, String hashing, StandardOpenOption how)
      throws IOException {
    this.id = id;
    this.repository = repository;
    this.file = folder.resolve(id.toString());
    this.hashing = hashing;
    this.hash = Digest.hash(hashing);
    this.channel = FileChannel.open(file, how, StandardOpenOption.WRITE);
    this.size = channel.size();
    this.used = Files.getLastModifiedTime(file).toInstant();
    channel.position(size);
  }

  /// Leaves nothing where it cannot begin.
  static Upload begin(Path folder, UUID id, String repository, String algorithm)
      throws IOException {
    var of = folder.resolve(id + OF);
    try {
      Files.writeString(of, Json.write(new Target(repository)));
      return new Upload(id, repository, folder, algorithm, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      Files.deleteIfExists(of);
      throw e;
    }
  }

  /// One that an earlier process began, if both its files are there.
  static Optional<Upload> resume(Path folder, UUID id) throws IOException {
    try {
      var target = Json.read(Files.readString(folder.resolve(id + OF)), Target.class);
      return Optional.of(new Upload(id, target.repository(), folder, "", StandardOpenOption.WRITE));
    } catch (NoSuchFileException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  boolean isOf(String name) {
    return name.equals(id.toString()) || name.equals(id + OF);
  }

  Instant used() {
    return used;
  }

  /// Where to go on, and after which byte. `0-0` also says that nothing arrived: the specification
  /// has no word for that, and Docker and the official suite want a range. Who takes it for one
  /// byte is refused the next piece, or the whole by its digest.
  Map<String, String> headers() {
    return Map.of(
        "Location", "/v2/" + repository + "/blobs/uploads/" + id,
        "Docker-Upload-UUID", id.toString(),
        "Range", "0-" + Math.max(0, size - 1));
  }

  /// What arrived stays, even if the rest does not come: the client may ask and go on from there.
  void append(InputStream body, Optional<ByteRange> range) throws IOException, RegistryFailure {
    if (!writing.tryLock()) {
      throw outOfOrder("another request is sending to this upload");
    }
    try {
      requireOpen();
      if (range.isPresent() && range.get().from() != size) {
        throw outOfOrder("the next byte of this upload is " + size);
      }
      append(body);
    } finally {
      used = Instant.now();
      writing.unlock();
    }
  }

  private void requireOpen() throws RegistryFailure {
    if (!channel.isOpen()) {
      throw RegistryFailure.of(ErrorCode.BLOB_UPLOAD_UNKNOWN, "this upload is over");
    }
  }

  RegistryFailure outOfOrder(String why) {
    return new RegistryFailure(416, ErrorCode.BLOB_UPLOAD_INVALID, why, headers());
  }

  private void append(InputStream body) throws IOException, RegistryFailure {
    var buffer = new byte[1 << 16];
    var arrived = size;
    dropUncounted();
    for (var count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      if (arrived + count > LIMIT) {
        throw RegistryFailure.of(ErrorCode.SIZE_INVALID, "a blob may have 16 GiB at most");
      }
      var piece = ByteBuffer.wrap(buffer, 0, count);
      while (piece.hasRemaining()) {
        channel.write(piece);
      }
      hash.update(buffer, 0, count);
      arrived += count;
      size = arrived;
      used = Instant.now();
    }
  }

  /// A write that failed, as on a full disk, may have left part of a piece: nobody was told of it,
  /// and the hash is without it.
  private void dropUncounted() throws IOException {
    channel.truncate(size);
    channel.position(size);
  }

  /// The finished file, forced to disk, if its content is what the digest says.
  Path finish(Digest expected) throws IOException, RegistryFailure {
    writing.lock();
    try {
      requireOpen();
      dropUncounted();
      var actual = actual(expected.algorithm());
      if (!actual.equals(expected)) {
        throw RegistryFailure.of(
            ErrorCode.DIGEST_INVALID, "the content's digest is " + actual + ", not " + expected);
      }
      channel.force(true);
      channel.close();
      return file;
    } finally {
      writing.unlock();
    }
  }

  private Digest actual(String algorithm) throws IOException {
    if (algorithm.equals(hashing)) {
      return Digest.finish(algorithm, hash);
    }
    var other = Digest.hash(algorithm);
    try (var content = Files.newInputStream(file)) {
      var buffer = new byte[1 << 16];
      for (var count = content.read(buffer); count >= 0; count = content.read(buffer)) {
        other.update(buffer, 0, count);
      }
    }
    return Digest.finish(algorithm, other);
  }

  void discard() throws IOException {
    close();
    Files.deleteIfExists(file);
    Files.deleteIfExists(file.resolveSibling(id + OF));
  }

  /// A later process may go on with it.
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
