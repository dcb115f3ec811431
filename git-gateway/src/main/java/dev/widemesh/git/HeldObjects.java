package dev.widemesh.git;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What JGit holds of one push's objects: what a delta gives it keeps until the last delta that is
/// made from that was resolved, so all open branches of a chain. Nobody says when it lets go of one
/// but the garbage collector, who is asked when it could be too much.
final class HeldObjects implements AutoCloseable {
  /// All pushes together, beside three times the largest object of any of them: base, delta and
  /// what that gives.
  private static final long MOST = 120_000_000;

  /// Who holds no more than this does not pay for the others.
  private static final long ALWAYS = 20_000_000;

  /// So much more may be garbage before somebody looks.
  private static final long SLACK = 40_000_000;

  /// Of the array, and of the reference to it.
  private static final int OVERHEAD = 64;

  private static final Set<HeldObjects> OPEN = ConcurrentHashMap.newKeySet();

  private List<WeakReference<byte[]>> seen = new ArrayList<>();
  private volatile long largest;
  private volatile long bytes;

  /// Whether this object of the push may be held as well.
  boolean hasRoomFor(byte[] object) {
    OPEN.add(this);
    add(object);
    var most = MOST + 3 * OPEN.stream().mapToLong(each -> each.largest).max().orElse(0);
    if (bytes <= ALWAYS || all() <= most + SLACK) {
      return true;
    }
    OPEN.forEach(HeldObjects::forget);
    if (bytes > ALWAYS && all() > most) {
      System.gc();
      OPEN.forEach(HeldObjects::forget);
    }
    return bytes <= ALWAYS || all() <= most;
  }

  private synchronized void add(byte[] object) {
    seen.add(new WeakReference<>(object));
    bytes += object.length + OVERHEAD;
    largest = Math.max(largest, object.length);
  }

  private static long all() {
    var sum = 0L;
    for (var held : OPEN) {
      sum += held.bytes;
    }
    return sum;
  }

  private synchronized void forget() {
    var held = new ArrayList<WeakReference<byte[]>>();
    var left = 0L;
    for (var reference : seen) {
      var object = reference.get();
      if (object != null) {
        held.add(reference);
        left += object.length + OVERHEAD;
      }
    }
    seen = held;
    bytes = left;
  }

  /// JGit is through with them.
  @Override
  public void close() {
    OPEN.remove(this);
  }
}
