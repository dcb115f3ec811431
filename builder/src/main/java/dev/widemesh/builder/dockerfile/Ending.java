package dev.widemesh.builder.dockerfile;

/// Ends what runs of a build, from any thread, for as long as the build is open. What a stack's
/// builds start bears the same mark, so whoever comes later would end the next one.
final class Ending {
  private final Runnable step;
  private boolean over;

  Ending(Runnable step) {
    this.step = step;
  }

  synchronized void now() {
    if (!over) {
      step.run();
    }
  }

  /// Waits for whoever is at it; nobody is from here on.
  synchronized void over() {
    over = true;
  }
}
