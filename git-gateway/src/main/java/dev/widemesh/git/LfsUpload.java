package dev.widemesh.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.eclipse.jgit.util.io.TimeoutInputStream;

/// Takes the LFS files that one client sends over one connection: in turn, and they must keep
/// coming, as packs must.
final class LfsUpload {
  private final LfsStore store;
  private final Turns turns;
  private final PushLimits limits;
  private final String account;
  private final TimeoutInputStream patient;
  private final PackClock clock;

  /// `patient` is what the content comes from.
  LfsUpload(
      LfsStore store, Turns turns, PushLimits limits, String account, TimeoutInputStream patient) {
    this.store = store;
    this.turns = turns;
    this.limits = limits;
    this.account = account;
    this.patient = patient;
    this.clock = new PackClock(limits.pace());
  }

  /// Whatever comes of it, all that the client sends is read: it does not listen before.
  void take(LfsPointer pointer, InputStream content)
      throws IOException, InterruptedException, Refused {
    patient.setTimeout(Math.toIntExact(limits.silence().toMillis()));
    var paced = new Paced(content);
    try (var _ = turns.take(account)) {
      store.put(pointer, paced);
    } catch (Refused e) {
      if (pointer.size() > limits.pack()) {
        throw new IOException(e.what(), e); // To read it all would take as long as to take it.
      }
      paced.transferTo(OutputStream.nullOutputStream());
      throw e;
    } finally {
      patient.setTimeout(Math.toIntExact(limits.compose().toMillis()));
    }
  }

  private final class Paced extends FilterInputStream {
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
        clock.came(got, System.nanoTime() - asked);
      }
      return got;
    }
  }
}
