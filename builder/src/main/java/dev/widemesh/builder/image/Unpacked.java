package dev.widemesh.builder.image;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/// What lies in a packed stream. To be closed: zstd holds up to 128 MB of memory that Java does not
/// see. The packed stream stays open, because what stands behind the end belongs to its digest,
/// too.
public final class Unpacked {
  private static final int BUFFER = 1 << 16;

  private Unpacked() {}

  /// Whatever it was packed with, by its first bytes.
  public static InputStream of(InputStream packed) throws IOException {
    var in = new BufferedInputStream(packed, BUFFER);
    in.mark(4);
    var first = in.readNBytes(4);
    in.reset();
    if (first.length == 4 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b) {
      return gzip(in);
    }
    return first.length == 4 && (first[0] & 0xff) == 0x28 && (first[1] & 0xff) == 0xb5
        ? zstd(in)
        : new Open(in);
  }

  static InputStream gzip(InputStream packed) throws IOException {
    return new GZIPInputStream(new Open(packed), BUFFER);
  }

  static InputStream zstd(InputStream packed) throws IOException {
    return new ZstdInputStream(new Open(packed));
  }

  static InputStream as(InputStream plain) {
    return new Open(plain);
  }

  private static final class Open extends FilterInputStream {
    Open(InputStream in) {
      super(in);
    }

    @Override
    public void close() {
      // Whoever opened it closes it.
    }
  }
}
