package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Path;

/// Clears one build away, with its container and its folders: the stack's cache is the next build's
/// as soon as nothing of this one comes there any more. `links` is where it finds what it has of
/// the cache before any of its programs run.
record Clearing(CacheHold hold, WorkFolders work, Path links) {
  interface Container {
    /// Removes it. False where something may still run in it.
    boolean hasEnded() throws InterruptedException;
  }

  /// Where no program of the build ever `ran`, none wrote to the cache, and nobody waits for a
  /// container that comes, or goes, slowly.
  void run(Container container, boolean ran) throws IOException, InterruptedException {
    if (ran) {
      try (hold;
          work) {
        hold.takeBack(container.hasEnded(), work.tars());
      }
    } else {
      try (work) {
        giveBack(container);
      }
    }
  }

  private void giveBack(Container container) throws IOException, InterruptedException {
    try (hold) {
      hold.takeBack(true, work.tars());
      // Before others come: that stamps the files that they are links to.
      WorkFolders.delete(links);
    } finally {
      var _ = container.hasEnded();
    }
  }
}
