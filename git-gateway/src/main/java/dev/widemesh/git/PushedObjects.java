package dev.widemesh.git;

import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectChecker;
import org.jspecify.annotations.Nullable;

/// Looks at every object of a push, and at the memory that is left. JGit holds a delta's base and
/// result whole, and those of all open branches of a chain at once: a small pack could eat all of
/// it, and the process with it.
final class PushedObjects extends ObjectChecker implements AutoCloseable {
  /// So much may come between two looks, in one object or in many.
  private static final int BETWEEN = 1_000_000;

  private final PushLimits limits;
  private final long reserve;
  private final HeldObjects held = new HeldObjects();
  private long unseen;

  /// Room for the next delta and what it gives, for each of two pushes, must stay free.
  PushedObjects(PushLimits limits) {
    this.limits = limits;
    this.reserve = 3L * limits.file();
    // Names that harm on other systems are refused too: whoever clones may have one of them.
    setSafeForMacOS(true);
    setSafeForWindows(true);
    setAllowLeadingZeroFileMode(true);
    setAllowInvalidPersonIdent(true);
  }

  @Override
  public void check(@Nullable AnyObjectId id, int type, byte[] raw) throws CorruptObjectException {
    if (!held.hasRoomFor(raw)) {
      throw tooMuch();
    }
    unseen += raw.length;
    if (unseen > BETWEEN) {
      requireMemory(unseen);
      unseen = 0;
    }
    if (type != Constants.OBJ_BLOB && raw.length > limits.structure()) {
      throw new CorruptObjectException("it is too large");
    }
    super.check(id, type, raw);
    if (type == Constants.OBJ_TREE) {
      ModulesLink.refuse(raw);
    }
  }

  private void requireMemory(long bytes) throws CorruptObjectException {
    if (!Headroom.OF_THIS_PROCESS.has(reserve, bytes)) {
      throw tooMuch();
    }
  }

  private static CorruptObjectException tooMuch() {
    return new CorruptObjectException(
        "large files that changed often take more memory than is free just now: push again in a"
            + " minute; if that does not help, git repack -adf --depth=10, or keep large files out"
            + " of git");
  }

  @Override
  public void close() {
    held.close();
  }
}
