package dev.widemesh.builder;

import dev.widemesh.api.OutputLine.Draft;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What was too much: counted, but for the last lines, which mostly say how it ended. Not
/// thread-safe.
final class DroppedLines {
  private static final int KEPT = 20;

  private final Deque<Draft> last = new ArrayDeque<>();
  private long count;

  void drop(Draft line) {
    last.addLast(line);
    if (last.size() > KEPT) {
      last.removeFirst();
      count++;
    }
  }

  /// How many are gone, then the last ones; nothing the next time.
  List<Draft> tell() {
    var told = new ArrayList<Draft>();
    if (count > 0) {
      told.add(Draft.detail("... %,d lines dropped ...".formatted(count)));
    }
    told.addAll(last);
    last.clear();
    count = 0;
    return told;
  }
}
