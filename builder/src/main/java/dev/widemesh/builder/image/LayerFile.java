package dev.widemesh.builder.image;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// The tar of a layer, written once and then named after its hash.
final class LayerFile {
  interface Content {
    void to(TarArchiveOutputStream tar) throws IOException;
  }

  private LayerFile() {}

  /// With `lasting` it is there after the power went, too.
  static Layer write(String name, Path store, boolean lasting, Content content) throws IOException {
    Files.createDirectories(store);
    var temporary = Files.createTempFile(store, "layer", ".part");
    try {
      var diffId = write(content, lasting, temporary);
      var tar = store.resolve(diffId.replace(':', '-') + ".tar");
      Files.move(temporary, tar, StandardCopyOption.ATOMIC_MOVE);
      return new Layer(name, diffId, tar, Files.size(tar));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String write(Content content, boolean lasting, Path file) throws IOException {
    var digest = Sha256.digest();
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      var hashed = new DigestOutputStream(Channels.newOutputStream(channel), digest);
      var buffered = new BufferedOutputStream(hashed, 1 << 16);
      var tar = new TarArchiveOutputStream(buffered, StandardCharsets.UTF_8.name());
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      content.to(tar);
      tar.finish();
      buffered.flush(); // the tar stream does not hand a flush down
      if (lasting) {
        channel.force(true);
      }
    }
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }
}
