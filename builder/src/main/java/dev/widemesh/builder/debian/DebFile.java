package dev.widemesh.builder.debian;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// A `.deb`: an ar archive whose member `data.tar.*` holds the files.
final class DebFile {
  private static final int MEMORY_KIB = 128 << 10;

  /// Nothing in our lists comes near; a bomb would.
  private static final long LIMIT = 2L << 30;

  private DebFile() {}

  /// Writes the package's files, as an uncompressed tar, to `into`.
  static void unpack(Path deb, Path into) throws IOException {
    try (var ar = new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(deb)))) {
      for (var member = ar.getNextEntry(); member != null; member = ar.getNextEntry()) {
        if (member.getName().startsWith("data.tar")) {
          write(plain(member.getName(), ar), into);
          return;
        }
      }
    }
    throw new IOException(deb.getFileName() + " has no data.tar, so it is no Debian package");
  }

  private static InputStream plain(String name, InputStream packed) throws IOException {
    return switch (name.substring("data.tar".length())) {
      case ".xz" -> new XZInputStream(packed, MEMORY_KIB);
      case ".zst" -> new ZstdInputStream(packed);
      case ".gz" -> new GZIPInputStream(packed);
      case "" -> packed;
      default -> throw new IOException("no idea how to unpack " + name);
    };
  }

  private static void write(InputStream plain, Path into) throws IOException {
    try (var out = Files.newOutputStream(into)) {
      var buffer = new byte[1 << 16];
      var total = 0L;
      for (var count = plain.read(buffer); count >= 0; count = plain.read(buffer)) {
        total += count;
        if (total > LIMIT) {
          throw new IOException("a package unpacks to more than 2 GiB");
        }
        out.write(buffer, 0, count);
      }
    }
  }
}
