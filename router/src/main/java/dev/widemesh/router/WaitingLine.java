package dev.widemesh.router;

import java.util.concurrent.atomic.AtomicInteger;

/// The bounded line before a service that starts, over all lanes.
final class WaitingLine {
  private final AtomicInteger waiting = new AtomicInteger();

  boolean join() {
    if (waiting.incrementAndGet() <= Settings.HELD) {
      return true;
    }
    leave();
    return false;
  }

  void leave() {
    waiting.decrementAndGet();
  }
}
