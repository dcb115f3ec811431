package dev.widemesh.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jgit.util.io.TimeoutInputStream;

/// Takes the LFS files that one client sends over one connection: they must keep coming, as packs
/// must.
final class LfsUpload {
  private static final int PIECE = 1 << 16;

  private final LfsStore store;
  private final PushLimits limits;
  private final TimeoutInputStream patient;
  private final PackClock clock;

  /// `patient` is what the content comes from.
  LfsUpload(LfsStore store, PushLimits limits, TimeoutInputStream patient) {
    this.store = store;
    this.limits = limits;
    this.patient = patient;
    this.clock = new PackClock(limits.pace());
  }

  /// What is refused is read to its end all the same: the client does not listen before.
  void take(LfsPointer pointer, InputStream content) throws IOException, Refused {
    var patience = hurry();
    var paced = new Paced(content);
    try {
      store.put(pointer, paced);
    } catch (Refused e) {
      drain(pointer, paced);
      throw e;
    } finally {
      patient.setTimeout(patience);
    }
  }

  /// Reads it and keeps nothing.
  void leave(LfsPointer pointer, InputStream content) throws IOException {
    var patience = hurry();
    try {
      drain(pointer, new Paced(content));
    } finally {
      patient.setTimeout(patience);
    }
  }

  private int hurry() {
    var patience = patient.getTimeout();
    patient.setTimeout(Math.toIntExact(limits.silence().toMillis()));
    return patience;
  }

  private void drain(LfsPointer pointer, Paced content) throws IOException {
    if (pointer.size() > limits.pack()) {
      throw new IOException("an LFS file that is too large is not even read");
    }
    content.drain(pointer.size());
  }

  private final class Paced extends FilterInputStream {
    private long came;

    Paced(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var asked = System.nanoTime();
      var got = super.read(bytes, offset, length);
      if (got > 0) {
        came += got;
        clock.came(got, System.nanoTime() - asked);
      }
      return got;
    }

    /// Reads what remains of so many bytes.
    void drain(long announced) throws IOException {
      var piece = new byte[PIECE];
      while (read(piece) >= 0) {
        if (came > announced) {
          throw new IOException("more of an LFS file came than the client announced");
        }
      }
    }
  }
}
