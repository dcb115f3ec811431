package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/// A moment by the clock with which the kernel stamps each change of a file (ctime), and by one
/// that nobody sets. Unlike the time of modification no program can choose that stamp: what a build
/// touched has a later one.
///
/// `before` and `after` are nanoseconds between which it was, however long that took.
record Moment(FileTime stamp, long before, long after) {
  static final String PROBE = ".moment-";

  /// Many times as long as a kernel goes on with one stamp.
  private static final Duration MOST = Duration.ofSeconds(5);

  /// A clock that is made to go slower may lose a thousandth.
  private static final long SLOWER = 1_000;

  private static final Duration SLACK = Duration.ofMillis(50);

  /// Now, in the file system of that folder.
  static Moment in(Path folder) throws IOException {
    var probe = Files.createTempFile(folder, PROBE, "");
    try {
      return now(probe);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private static Moment now(Path probe) throws IOException {
    var before = System.nanoTime();
    Files.setLastModifiedTime(probe, FileTime.from(Instant.now()));
    return new Moment(FolderListing.touched(probe), before, System.nanoTime());
  }

  /// Returns when whatever changes from now on is stamped later.
  void pass(Path folder) throws IOException, InterruptedException {
    while (in(folder).stamp.compareTo(stamp) <= 0) {
      if (System.nanoTime() - after > MOST.toNanos()) {
        throw new IOException("the clock of " + folder + " stands still");
      }
      Thread.sleep(1);
    }
  }

  /// Whether that is how it was at this moment. False as well where the clock was set back till
  /// `now`: then stamps say nothing.
  boolean knows(FileTime touched, Moment now) {
    return touched.compareTo(stamp) <= 0 && !wasSetBack(now);
  }

  private boolean wasSetBack(Moment now) {
    var elapsed = now.before - after;
    var shown = Duration.between(stamp.toInstant(), now.stamp.toInstant()).toNanos();
    return shown < elapsed - elapsed / SLOWER - SLACK.toNanos();
  }
}
