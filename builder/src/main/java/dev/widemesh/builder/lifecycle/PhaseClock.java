package dev.widemesh.builder.lifecycle;

import java.util.StringJoiner;

/// How long the phases took, for the log.
public final class PhaseClock {
  private final StringJoiner laps = new StringJoiner(", ");
  private long last = System.nanoTime();

  public void lap(String name) {
    var now = System.nanoTime();
    laps.add(name + " " + (now - last) / 1_000_000 + " ms");
    last = now;
  }

  @Override
  public String toString() {
    return laps.toString();
  }
}
