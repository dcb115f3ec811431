package dev.widemesh.builder.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.UUID;

/// A blob that is arriving. The hash is taken while it arrives.
final class Upload implements AutoCloseable {
  /// No layer should be that big; a client that never stops sending must.
  private static final long LIMIT = 16L << 30;

  final UUID id = UUID.randomUUID();
  final String repository;
  private final Path file;
  private final FileChannel channel;
  private final MessageDigest hash = Digest.hash("sha256");
  private volatile long size;
  private volatile Instant used = Instant.now();

  Upload(String repository, Path folder) throws IOException {
    this.repository = repository;
    this.file = folder.resolve(id.toString());
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  long size() {
    return size;
  }

  Instant used() {
    return used;
  }

  /// What arrived stays, even if the rest does not come: the client may ask and go on from there.
  synchronized void append(InputStream body) throws IOException, RegistryFailure {
    used = Instant.now();
    var buffer = new byte[1 << 16];
    for (var count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      if (size + count > LIMIT) {
        throw RegistryFailure.of(ErrorCode.SIZE_INVALID, "a blob may have 16 GiB at most");
      }
      var piece = ByteBuffer.wrap(buffer, 0, count);
      while (piece.hasRemaining()) {
        channel.write(piece);
      }
      hash.update(buffer, 0, count);
      size += count;
    }
    used = Instant.now();
  }

  /// The finished file, forced to disk, if its content is what the digest says.
  synchronized Path finish(Digest expected) throws IOException, RegistryFailure {
    var actual = actual(expected.algorithm());
    if (!actual.equals(expected)) {
      throw RegistryFailure.of(
          ErrorCode.DIGEST_INVALID, "the content's digest is " + actual + ", not " + expected);
    }
    channel.force(true);
    channel.close();
    return file;
  }

  private Digest actual(String algorithm) throws IOException {
    if (algorithm.equals("sha256")) {
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

  @Override
  public synchronized void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
