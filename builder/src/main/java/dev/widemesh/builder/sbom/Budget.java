package dev.widemesh.builder.sbom;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// How much may be unpacked of one layer, with all archives in it, and until when. An image that
/// unpacks to more is read as far as that, always the same; one that takes longer is given up.
final class Budget {
  /// Everything was read that may be.
  static final class Spent extends IOException {
    private static final long serialVersionUID = 1L;

    Spent(String what) {
      super(what);
    }
  }

  /// Not an answer: the next time may be faster.
  static final class Late extends UnreadableImage {
    private static final long serialVersionUID = 1L;

    Late() {
      super("reading what is in the image takes too long");
    }

    @Override
    public boolean isForGood() {
      return false;
    }
  }

  private final long most;
  private final long deadline;
  private long left;

  /// `deadline` as of [System#nanoTime].
  Budget(long bytes, long deadline) {
    this.most = bytes;
    this.left = bytes;
    this.deadline = deadline;
  }

  private void spend(long bytes) throws Spent, Late {
    left -= bytes;
    if (left < 0) {
      throw new Spent("only its first %,d bytes were read".formatted(most));
    }
    if (System.nanoTime() - deadline > 0) {
      throw new Late();
    }
  }

  /// Of which no more is read than this allows.
  InputStream guard(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        spend(1);
        return in.read();
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        var count = in.read(into, offset, length);
        spend(Math.max(0, count));
        return count;
      }

      @Override
      public long skip(long bytes) throws IOException {
        // Skipped is unpacked all the same.
        return read(new byte[(int) Math.min(bytes, 1 << 13)]);
      }

      @Override
      public boolean markSupported() {
        return false;
      }
    };
  }
}
