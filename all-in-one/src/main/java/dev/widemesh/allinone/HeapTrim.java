package dev.widemesh.allinone;

import java.time.Duration;

/// Gives back what a busy moment left in the heap, once it is quiet again. The serial collector
/// grows a heap up to its limit before it ever looks at the old part of it: a build, or the making
/// of the base images, would stay in memory for ever after.
final class HeapTrim {
  private static final Duration ROUND = Duration.ofSeconds(15);

  /// Of processor time in a round: less than 3 % of one processor.
  private static final Duration QUIET = Duration.ofMillis(450);

  /// Growth by less than this is not worth the pause.
  private static final long WORTH = 8L << 20;

  private long settled;
  private Duration used = processorTime();

  private HeapTrim() {}

  static void begin() {
    Thread.ofVirtual().name("heap-trim").start(new HeapTrim()::rounds);
  }

  private void rounds() {
    try {
      while (true) {
        Thread.sleep(ROUND);
        round();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() {
    var before = used;
    used = processorTime();
    var size = Runtime.getRuntime().totalMemory();
    if (used.minus(before).compareTo(QUIET) < 0 && size - settled > WORTH) {
      System.gc();
      settled = Runtime.getRuntime().totalMemory();
    }
  }

  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
