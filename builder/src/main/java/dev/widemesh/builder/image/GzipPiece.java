package dev.widemesh.builder.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// A stretch of a layer's tar in memory, and the gzip member that it becomes: twice its size, which
/// is used again for another stretch.
final class GzipPiece {
  /// At zlib's fastest level: a program gets 15 % larger than at its usual one, in a quarter of the
  /// time, and somebody waits for it.
  static final int LEVEL = Deflater.BEST_SPEED;

  private final byte[] plain;
  private final ByteArrayOutputStream member;
  private int length;

  /// For at most `size` bytes.
  GzipPiece(int size) {
    plain = new byte[size];
    member = new ByteArrayOutputStream(size + size / 1000 + 64); // It may not compress at all.
  }

  int size() {
    return plain.length;
  }

  /// Reads as much as there is room for, or as there is; answers how much.
  int read(InputStream from) throws IOException {
    length = from.readNBytes(plain, 0, plain.length);
    return length;
  }

  GzipPiece compress() throws IOException {
    member.reset();
    try (var gzip = new Gzip(member)) {
      gzip.write(plain, 0, length);
    }
    return this;
  }

  void writeTo(OutputStream compressed) throws IOException {
    member.writeTo(compressed);
  }

  private static final class Gzip extends GZIPOutputStream {
    Gzip(OutputStream compressed) throws IOException {
      super(compressed, 1 << 16);
      def.setLevel(LEVEL);
    }
  }
}
