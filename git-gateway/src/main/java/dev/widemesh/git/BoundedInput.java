package dev.widemesh.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// What somebody else says to JGit, which would remember all of it, without a bound.
final class BoundedInput extends FilterInputStream {
  private final String refusal;
  private long left;

  /// Beyond `most` bytes it fails with these words.
  BoundedInput(InputStream in, long most, String refusal) {
    super(in);
    this.refusal = refusal;
    left = most;
  }

  @Override
  public int read() throws IOException {
    var one = super.read();
    count(one < 0 ? 0 : 1);
    return one;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    var got = super.read(bytes, offset, length);
    count(got);
    return got;
  }

  private void count(int bytes) throws IOException {
    left -= Math.max(bytes, 0);
    if (left < 0) {
      throw new IOException(refusal);
    }
  }
}
