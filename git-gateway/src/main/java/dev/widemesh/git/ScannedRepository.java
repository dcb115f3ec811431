package dev.widemesh.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.transport.PackParser;

/// A repository to fetch into: each pack is read by [PackScan] before JGit believes it.
final class ScannedRepository extends FileRepository {
  private final PushLimits limits;
  private final Turns heavy;
  private final List<Turns.Turn> turns = new ArrayList<>();
  private final List<PackScan> scans = new ArrayList<>();

  ScannedRepository(Path folder, PushLimits limits, Turns heavy) throws IOException {
    super(folder.toFile());
    this.limits = limits;
    this.heavy = heavy;
  }

  @Override
  public ObjectInserter newObjectInserter() {
    return new Scanning(super.newObjectInserter());
  }

  /// It would go on beside whoever deletes the repository, and there is nothing to collect in it.
  @Override
  public void autoGC(ProgressMonitor monitor) {}

  private void wait(String who) throws PackRefused {
    try {
      turns.add(heavy.take(who));
    } catch (Refused refusal) {
      throw new PackRefused(refusal);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new PackRefused(new Refused("the builder is stopping", "push again in a moment"));
    }
  }

  @Override
  public void close() {
    turns.forEach(Turns.Turn::close);
    turns.clear();
    scans.forEach(PackScan::close);
    scans.clear();
    super.close();
  }

  private final class Scanning extends ObjectInserter.Filter {
    private final ObjectInserter real;

    Scanning(ObjectInserter real) {
      this.real = real;
    }

    @Override
    protected ObjectInserter delegate() {
      return real;
    }

    @Override
    public PackParser newPackParser(InputStream in) throws IOException {
      return real.newPackParser(new Scanned(in));
    }
  }

  private final class Scanned extends FilterInputStream {
    private final PackScan scan = new PackScan(limits, () -> ScannedRepository.this.wait("fetch"));

    Scanned(InputStream in) {
      super(in);
      scans.add(scan);
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var got = super.read(bytes, offset, length);
      if (got > 0) {
        scan.look(bytes, offset, got);
      }
      return got;
    }
  }
}
