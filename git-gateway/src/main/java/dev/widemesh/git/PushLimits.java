package dev.widemesh.git;

import java.time.Duration;

/// How large a push may be. `file` bounds every file, `pack` what is sent, `structure` a folder, a
/// commit or a tag, `unpacked` all versions of all files together. `compose` is how long a client
/// may take to make its pack, `silence` how long it may stop in the middle of it, `pace` how fast
/// the pack must come. `freeDisk` stays.
public record PushLimits(
    int file,
    long pack,
    int objects,
    int structure,
    long unpacked,
    Duration compose,
    Duration silence,
    Pace pace,
    long freeDisk) {
  /// So much a second on average, of which a client may be behind by `behind`, and all of it in
  /// `whole`. A line of 256 kbit/s brings four times that much, and the largest pack in time.
  public record Pace(int bytesPerSecond, Duration behind, Duration whole) {}

  public static final PushLimits DEFAULT =
      new PushLimits(
          100_000_000,
          2_000_000_000L,
          1_000_000,
          10_000_000,
          50_000_000_000L,
          Duration.ofMinutes(30),
          Duration.ofMinutes(2),
          new Pace(8_000, Duration.ofMinutes(2), Duration.ofHours(24)),
          500_000_000L);

  /// With what an operator may choose, in bytes.
  public PushLimits with(int largestFile, long largestPack) {
    return new PushLimits(
        largestFile, largestPack, objects, structure, unpacked, compose, silence, pace, freeDisk);
  }

  int fileMegabytes() {
    return file / 1_000_000;
  }

  long packMegabytes() {
    return pack / 1_000_000;
  }
}
