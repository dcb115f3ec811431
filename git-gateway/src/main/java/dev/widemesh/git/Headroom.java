package dev.widemesh.git;

/// The memory that this process has left. Garbage counts as used until somebody looks, and looking
/// stops everybody: so it looks again only when what came since could have used it up.
final class Headroom {
  static final Headroom OF_THIS_PROCESS = new Headroom();

  private final Runtime heap = Runtime.getRuntime();
  private long live = Long.MAX_VALUE / 2;
  private long since;

  private Headroom() {}

  /// Whether so much is still free after so many more bytes, which somebody may hold on to.
  synchronized boolean has(long reserve, long bytes) {
    since += bytes;
    if (heap.maxMemory() - used() >= reserve || heap.maxMemory() - live - since >= reserve) {
      return true;
    }
    System.gc();
    live = used();
    since = 0;
    return heap.maxMemory() - live >= reserve;
  }

  private long used() {
    return heap.totalMemory() - heap.freeMemory();
  }
}
