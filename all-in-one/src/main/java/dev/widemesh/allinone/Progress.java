package dev.widemesh.allinone;

import java.io.Console;
import java.util.Optional;

/// How far something long is, on a terminal; elsewhere nothing is said before the end.
final class Progress {
  private static final long PAUSE = 200_000_000L;
  private static final String CLEAR = "\r\033[K";

  private final String what;
  private final boolean shown;
  private long last;

  private Progress(String what, boolean shown) {
    this.what = what;
    this.shown = shown;
    this.last = System.nanoTime() - PAUSE;
  }

  static Progress of(String what) {
    return new Progress(
        what, Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent());
  }

  void show(long done, long total) {
    var now = System.nanoTime();
    if (shown && total > 0 && now - last >= PAUSE) {
      last = now;
      System.err.print(
          "%s%s %3d %%  (%d of %d MB)"
              .formatted(
                  CLEAR,
                  what,
                  done * 100 / total,
                  done / 1_000_000,
                  (total + 999_999) / 1_000_000));
      System.err.flush();
    }
  }

  void end() {
    if (shown) {
      System.err.print(CLEAR);
      System.err.flush();
    }
  }
}
