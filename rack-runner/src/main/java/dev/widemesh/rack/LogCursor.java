package dev.widemesh.rack;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/// How far a container's log is stored: the newest time stamp, and the hashes of the lines that
/// bear it.
record LogCursor(Instant at, Set<Integer> hashes) {
  static final LogCursor START = new LogCursor(Instant.EPOCH, Set.of());

  LogCursor {
    hashes = Set.copyOf(hashes);
  }

  LogCursor after(Instant line, String text) {
    if (line.isBefore(at)) {
      return this;
    }
    var more = new HashSet<Integer>();
    if (line.equals(at)) {
      more.addAll(hashes);
    }
    more.add(text.hashCode());
    return new LogCursor(line, more);
  }

  boolean covers(Instant line, String text) {
    return line.isBefore(at) || (line.equals(at) && hashes.contains(text.hashCode()));
  }
}
