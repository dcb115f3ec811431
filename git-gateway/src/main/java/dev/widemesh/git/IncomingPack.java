package dev.widemesh.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.util.io.InterruptTimer;
import org.eclipse.jgit.util.io.TimeoutInputStream;

/// What a client sends in a push, first its commands and then a pack. The pack gets a turn when its
/// first bytes are there (until then the client compresses, for as long as it likes), and must then
/// keep coming. Whoever takes much memory waits for a second turn when all of the pack is there, so
/// no slow client keeps that from others.
final class IncomingPack extends FilterInputStream {
  private static final long LOOK_AT_DISK = 16_000_000;

  /// Where packs wait before they are read; `heavy` is for those that take much memory.
  interface Queue {
    Turns.Turn await(boolean heavy) throws InterruptedException, Refused;
  }

  private final TimeoutInputStream patient;
  private final InterruptTimer timer;
  private final PushLimits limits;
  private final Queue queue;
  private final Path folder;
  private final PackClock clock;
  private final List<Turns.Turn> turns = new ArrayList<>();
  private Optional<PackScan> scan = Optional.empty();
  private long received;
  private long lookedAt;

  private IncomingPack(
      TimeoutInputStream patient,
      InterruptTimer timer,
      PushLimits limits,
      Queue queue,
      Path folder) {
    super(patient);
    this.patient = patient;
    this.timer = timer;
    this.limits = limits;
    this.queue = queue;
    this.folder = folder;
    this.clock = new PackClock(limits.pace());
  }

  /// `folder` is where the pack is stored.
  static IncomingPack of(InputStream in, PushLimits limits, Queue queue, Path folder) {
    var timer = new InterruptTimer("push-timer");
    var patient = new TimeoutInputStream(in, timer);
    patient.setTimeout(Math.toIntExact(limits.compose().toMillis()));
    return new IncomingPack(patient, timer, limits, queue, folder);
  }

  /// What is read from now on is a pack.
  void packBegins() {
    scan = Optional.of(new PackScan(limits, () -> turns.add(turn(true))));
  }

  /// The turn is for others now.
  void packEnds() {
    scan.ifPresent(PackScan::close);
    scan = Optional.empty();
    turns.forEach(Turns.Turn::close);
    turns.clear();
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
    if (got > 0 && scan.isPresent()) {
      arrived(got, System.nanoTime() - asked);
      scan.get().look(bytes, offset, got);
    }
    return got;
  }

  private void arrived(int bytes, long waited) throws IOException {
    if (turns.isEmpty()) {
      turns.add(turn(false));
      patient.setTimeout(Math.toIntExact(limits.silence().toMillis()));
    } else {
      clock.came(bytes, waited);
    }
    received += bytes;
    if (received >= lookedAt) {
      lookedAt = received + LOOK_AT_DISK;
      requireDisk();
    }
  }

  private void requireDisk() throws IOException {
    if (Files.getFileStore(folder).getUsableSpace() < limits.freeDisk()) {
      throw new PackRefused(
          new Refused("The server's disk is nearly full", "ask its operator to make room"));
    }
  }

  private Turns.Turn turn(boolean heavy) throws PackRefused {
    try {
      return queue.await(heavy);
    } catch (Refused refusal) {
      throw new PackRefused(refusal);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new PackRefused(new Refused("the git gateway is stopping", "push again in a moment"));
    }
  }

  /// Not the client's stream: that is sshd's to close.
  @Override
  public void close() {
    packEnds();
    timer.terminate();
  }
}
