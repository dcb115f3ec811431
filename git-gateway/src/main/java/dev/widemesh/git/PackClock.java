package dev.widemesh.git;

/// Whether a pack comes fast enough: a slow one holds a turn that others wait for. What counts is
/// how long its client lets us wait, not what we do with the pieces. Nobody saves up time by
/// beginning fast.
final class PackClock {
  private static final long SECOND = 1_000_000_000L;

  private final PushLimits.Pace pace;
  private long left;
  private long waited;

  PackClock(PushLimits.Pace pace) {
    this.pace = pace;
    this.left = pace.behind().toNanos();
  }

  /// So many bytes came after we had waited for them for so long.
  void came(int bytes, long nanos) throws PackRefused {
    waited += nanos;
    if (waited > pace.whole().toNanos()) {
      throw refused(
          "The push took longer than %d hours".formatted(pace.whole().toHours()),
          "push from a better network, or less history: git clone --depth 1, and push from there");
    }
    left -= nanos;
    if (left < 0) {
      throw refused(
          "The push came too slowly, and others wait: less than %,d bytes a second"
              .formatted(pace.bytesPerSecond()),
          "push from a better network");
    }
    left = Math.min(pace.behind().toNanos(), left + bytes * SECOND / pace.bytesPerSecond());
  }

  private static PackRefused refused(String what, String remedy) {
    return new PackRefused(new Refused(what, remedy));
  }
}
