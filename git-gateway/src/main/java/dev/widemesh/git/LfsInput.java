package dev.widemesh.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.eclipse.jgit.util.io.InterruptTimer;
import org.eclipse.jgit.util.io.TimeoutInputStream;

/// What git-lfs says over one connection. Between requests it may be silent; a request that began
/// must keep coming, as packs must.
final class LfsInput extends FilterInputStream {
  /// Whether enough is waited for a request, for which somebody has waited since that time of
  /// [System#nanoTime].
  interface Patience {
    boolean isOver(long since);
  }

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final int NONE = -1;

  private final TimeoutInputStream patient;
  private final PushLimits limits;
  private final PackClock clock;
  private int first = NONE;

  private LfsInput(TimeoutInputStream patient, PushLimits limits) {
    super(patient);
    this.patient = patient;
    this.limits = limits;
    this.clock = new PackClock(limits.pace());
  }

  static LfsInput of(InputStream in, InterruptTimer timer, PushLimits limits) {
    return new LfsInput(new TimeoutInputStream(in, timer), limits);
  }

  /// Waits for the first byte of one; false when none comes any more, or is wanted. Patience is
  /// asked before, and every second.
  boolean awaitRequest(Patience patience) throws IOException {
    var since = System.nanoTime();
    patient.setTimeout(Math.toIntExact(LOOK.toMillis()));
    while (!patience.isOver(since)) {
      try {
        first = patient.read();
        patient.setTimeout(Math.toIntExact(limits.silence().toMillis()));
        return first != NONE;
      } catch (InterruptedIOException _) {
        // Nothing was read, nor lost.
      }
    }
    return false;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (first != NONE && length > 0) {
      bytes[offset] = (byte) first;
      first = NONE;
      return 1;
    }
    var asked = System.nanoTime();
    var got = super.read(bytes, offset, length);
    if (got > 0) {
      clock.came(got, System.nanoTime() - asked);
    }
    return got;
  }
}
