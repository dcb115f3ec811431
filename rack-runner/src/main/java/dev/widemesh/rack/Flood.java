package dev.widemesh.rack;

/// Bounds what one container may write: a burst, then a sustained rate of lines and bytes. Not
/// thread-safe.
final class Flood {
  private static final double LINES_A_SECOND = 5_000;
  private static final double BYTES_A_SECOND = 2_000_000;
  private static final long SECOND = 1_000_000_000;

  private double lines = 2 * LINES_A_SECOND;
  private double bytes = 2 * BYTES_A_SECOND;
  private long filled;
  private long told;
  private long dropped;

  Flood(long nanos) {
    filled = nanos;
    told = nanos;
  }

  boolean allows(int size, long nanos) {
    var seconds = (double) (nanos - filled) / SECOND;
    filled = nanos;
    lines = Math.min(2 * LINES_A_SECOND, lines + seconds * LINES_A_SECOND);
    bytes = Math.min(2 * BYTES_A_SECOND, bytes + seconds * BYTES_A_SECOND);
    if (lines < 1 || bytes < size) {
      dropped++;
      return false;
    }
    lines--;
    bytes -= size;
    return true;
  }

  /// How many were dropped since it was last told, once a second at most.
  long tell(long nanos) {
    if (dropped == 0 || nanos - told < SECOND) {
      return 0;
    }
    told = nanos;
    return reset();
  }

  /// How many were dropped and not yet told.
  long reset() {
    var count = dropped;
    dropped = 0;
    return count;
  }
}
