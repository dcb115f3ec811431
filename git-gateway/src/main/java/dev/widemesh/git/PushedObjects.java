package dev.widemesh.git;

import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.ObjectChecker;
import org.jspecify.annotations.Nullable;

/// Looks at every object of a push, and at the memory that is left. JGit holds a delta's base and
/// result whole, and those of all open branches of a chain at once: a small pack could eat all of
/// it, and the process with it.
final class PushedObjects extends ObjectChecker {
  /// What a smaller object takes, the next check still finds free.
  private static final int LARGE = 1_000_000;

  private final long reserve;

  /// `reserve` is what must stay free after a large object.
  PushedObjects(long reserve) {
    this.reserve = reserve;
    // Names that harm on other systems are refused too: whoever clones may have one of them.
    setSafeForMacOS(true);
    setSafeForWindows(true);
    setAllowLeadingZeroFileMode(true);
    setAllowInvalidPersonIdent(true);
  }

  @Override
  public void check(@Nullable AnyObjectId id, int type, byte[] raw) throws CorruptObjectException {
    if (raw.length > LARGE && left() < reserve && leftAfterCollection() < reserve) {
      throw new CorruptObjectException(
          "large files that changed often take more memory than is free just now: push again in a"
              + " minute, or keep large files out of git");
    }
    super.check(id, type, raw);
  }

  private static long left() {
    var heap = Runtime.getRuntime();
    return heap.maxMemory() - heap.totalMemory() + heap.freeMemory();
  }

  // Garbage counts as used until somebody looks.
  private static long leftAfterCollection() {
    System.gc();
    return left();
  }
}
