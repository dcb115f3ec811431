package dev.widemesh.git;

/// Whether LFS files of one account move, or wait for it: git-lfs keeps its other connections open
/// meanwhile, and fails where one of them is gone.
final class LfsWork {
  private int underWay;
  private long ended = System.nanoTime();

  synchronized void begin() {
    underWay++;
  }

  synchronized void end() {
    underWay--;
    ended = System.nanoTime();
  }

  /// For how many nanoseconds there was nothing, at most since then.
  synchronized long idle(long since) {
    var now = System.nanoTime();
    return underWay > 0 ? 0 : Math.min(now - since, now - ended);
  }
}
