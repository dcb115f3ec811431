package dev.widemesh.git;

import java.time.Duration;

/// Who may unpack now: six, of one account two, and only one of them large deltas, which nobody
/// does before all of a pack is there.
final class PushTurns {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Turns all = new Turns(6, 2, PATIENCE);
  private final Turns heavy = new Turns(1, 1, PATIENCE);

  Turns.Turn take(String account, boolean isHeavy) throws InterruptedException, Refused {
    return (isHeavy ? heavy : all).take(account);
  }
}
