package dev.widemesh.git;

import java.io.IOException;
import java.io.OutputStream;

/// The stream to a client: after the first failure it is dead for ever.
///
/// JGit goes on writing after an error, and half a packet followed by others would be garbage at
/// the client.
final class GuardedOutput extends OutputStream {
  private final OutputStream out;
  private volatile boolean dead;
  private volatile boolean used;

  GuardedOutput(OutputStream out) {
    this.out = out;
  }

  boolean isDead() {
    return dead;
  }

  /// Whether anything was said yet.
  boolean isUsed() {
    return used;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    used = true;
    guarded(() -> out.write(bytes, offset, length));
  }

  @Override
  public void flush() throws IOException {
    guarded(out::flush);
  }

  @Override
  public void close() throws IOException {
    guarded(out::close);
  }

  private interface Step {
    void run() throws IOException;
  }

  private void guarded(Step step) throws IOException {
    if (dead) {
      throw new IOException("the client is gone");
    }
    try {
      step.run();
    } catch (IOException e) {
      dead = true;
      throw e;
    }
  }
}
