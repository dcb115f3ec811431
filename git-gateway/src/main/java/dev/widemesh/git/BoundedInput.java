package dev.widemesh.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// What a client asks in a fetch: JGit remembers every object that it names, without a bound.
final class BoundedInput extends FilterInputStream {
  private long left;

  BoundedInput(InputStream in, long most) {
    super(in);
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
      throw new IOException("the client asks for too much in one fetch");
    }
  }
}
