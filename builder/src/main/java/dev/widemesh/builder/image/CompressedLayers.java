package dev.widemesh.builder.image;

import dev.widemesh.api.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/// Keeps each layer as it is when compressed, and remembers which repository has it. Several
/// platforms may share the folder. What was not used for longest goes when all are too large, but
/// none that is lent: layers that are being pushed come on top of the bound.
final class CompressedLayers {
  /// `repository` is the last one it was pushed to, or empty.
  record Compressed(String digest, long size, String repository) {
    Compressed in(String pushedTo) {
      return new Compressed(digest, size, pushedTo);
    }
  }

  /// A layer that stays at `file` until this is closed, however large it is: that is a name of its
  /// own, which other platforms leave alone when they make room.
  final class Lent implements AutoCloseable {
    private final Compressed compressed;
    private final Path kept;
    private final Path file;

    private Lent(Compressed compressed, Path kept, Path file) {
      this.compressed = compressed;
      this.kept = kept;
      this.file = file;
    }

    Compressed compressed() {
      return compressed;
    }

    Path file() {
      return file;
    }

    @Override
    public void close() throws IOException {
      giveBack(kept, file);
    }
  }

  private record Held(Path path, long bytes, long used) {}

  private static final long LIMIT = 4_000_000_000L;

  private static final String FORM = ".level" + GzipPiece.LEVEL;

  private final Path folder;
  private final long limit;
  private final Map<Path, Integer> lent = new HashMap<>();

  CompressedLayers(Path folder) {
    this(folder, LIMIT);
  }

  /// With at most so many bytes of layers that are not lent.
  CompressedLayers(Path folder, long limit) {
    this.folder = folder;
    this.limit = limit;
    try {
      sweep();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the layer cache " + folder, e);
    }
  }

  /// Asked of each layer of an image: that is its use.
  Optional<Compressed> known(Layer layer) throws IOException {
    try {
      var known = Json.read(Files.readString(note(layer)), Compressed.class);
      // Where the file went, its time is nobody's.
      var _ = file(layer).toFile().setLastModified(System.currentTimeMillis());
      return Optional.of(known);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /// The layer compressed, to be remembered by whoever pushed it. The same tar gives the same
  /// bytes.
  Lent lend(Layer layer) throws IOException {
    var kept = file(layer);
    var own = folder.resolve("lent" + UUID.randomUUID() + ".part");
    take(kept);
    try {
      return new Lent(compress(layer, kept, own), kept, own);
    } catch (IOException | RuntimeException e) {
      giveBack(kept, own);
      throw e;
    }
  }

  private Compressed compress(Layer layer, Path kept, Path own) throws IOException {
    var known = known(layer);
    if (known.isPresent() && isLinked(kept, own)) {
      return known.get();
    }
    var temporary = temporary();
    try {
      var compressed = compress(layer, temporary);
      Files.createLink(own, temporary);
      Files.move(temporary, kept, StandardCopyOption.ATOMIC_MOVE);
      return compressed;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean isLinked(Path kept, Path own) throws IOException {
    try {
      Files.createLink(own, kept);
      return true;
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  private static Compressed compress(Layer layer, Path into) throws IOException {
    var hash = Sha256.digest();
    try (var tar = Files.newInputStream(layer.tar());
        var channel = FileChannel.open(into, StandardOpenOption.WRITE)) {
      var hashed = new DigestOutputStream(Channels.newOutputStream(channel), hash);
      ParallelGzip.copy(tar, Files.size(layer.tar()), hashed);
      channel.force(true);
    } catch (NoSuchFileException e) {
      throw new IOException("layer " + layer.name() + " is neither in the cache nor pushed", e);
    }
    var digest = "sha256:" + HexFormat.of().formatHex(hash.digest());
    return new Compressed(digest, Files.size(into), "");
  }

  /// The layer's tar, if it is kept.
  InputStream open(Layer layer) throws IOException {
    if (!Files.exists(file(layer))) {
      throw new IOException("layer " + layer.name() + " is not kept any more");
    }
    var file = new BufferedInputStream(Files.newInputStream(file(layer)), 1 << 16);
    try {
      return GzipCompressorInputStream.builder()
          .setInputStream(file)
          .setDecompressConcatenated(true)
          .get();
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  void remember(Layer layer, Compressed compressed) throws IOException {
    Files.createDirectories(folder);
    var temporary = temporary();
    try {
      Files.writeString(temporary, Json.write(compressed));
      try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, note(layer), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  Path file(Layer layer) {
    return folder.resolve(layer.diffId().replace(':', '-') + FORM + ".gz");
  }

  private synchronized void take(Path file) {
    lent.merge(file, 1, Integer::sum);
  }

  private synchronized void giveBack(Path kept, Path own) throws IOException {
    Files.deleteIfExists(own);
    lent.computeIfPresent(kept, (_, count) -> count > 1 ? count - 1 : null);
    makeRoom();
  }

  /// The files are only there to spare time: those that were not used for longest go, and one that
  /// is too large by itself, for which no other has to.
  private void makeRoom() throws IOException {
    sweep();
    var files = new ArrayList<Held>();
    try (var all = Files.newDirectoryStream(folder, "*.gz")) {
      for (var path : all) {
        if (!lent.containsKey(path)) {
          files.add(new Held(path, path.toFile().length(), path.toFile().lastModified()));
        }
      }
    }
    files.sort(Comparator.comparingLong(file -> -file.used()));
    var room = limit;
    for (var file : files) {
      room -= file.bytes() > limit ? 0 : file.bytes();
      if (file.bytes() > limit || room < 0) {
        Files.deleteIfExists(file.path());
      }
    }
  }

  private Path temporary() throws IOException {
    Files.createDirectories(folder);
    return Files.createTempFile(folder, "layer", ".part");
  }

  /// What a process that was killed left here, and what earlier releases compressed otherwise.
  /// Their notes stay: they are small, and another platform may go by them.
  private void sweep() throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    var dayAgo = System.currentTimeMillis() - Duration.ofDays(1).toMillis();
    try (var all = Files.newDirectoryStream(folder, "*.{part,gz}")) {
      for (var file : all) {
        if (!String.valueOf(file.getFileName()).endsWith(FORM + ".gz")
            && file.toFile().lastModified() < dayAgo) { // 0 of one that went meanwhile
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private Path note(Layer layer) {
    return folder.resolve(layer.diffId().replace(':', '-') + FORM + ".json");
  }
}
