package dev.widemesh.builder.dockerfile;

import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at a build again and again, and ends it once something is wrong with it. What cannot be
/// looked at has no bound, and is ended as well.
final class Watch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watch.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// Waits a moment, and says what is wrong by now.
  interface Look {
    Optional<Diagnosis> next() throws IOException, InterruptedException;
  }

  private final Look look;
  private final Runnable stop;
  private final Thread thread;
  private volatile Optional<Diagnosis> verdict = Optional.empty();
  private volatile boolean closed;

  /// `stop` ends the build.
  Watch(String name, Look look, Runnable stop) {
    this.look = look;
    this.stop = stop;
    this.thread = Thread.ofVirtual().name(name).start(this::watch);
  }

  /// Why it ended the build.
  Optional<Diagnosis> verdict() {
    return verdict;
  }

  private void watch() {
    try {
      while (verdict.isEmpty() && !closed) {
        verdict = look.next();
      }
      if (verdict.isPresent()) {
        stop.run();
      }
    } catch (InterruptedException _) {
      log.debug("the build is over");
    } catch (Throwable e) { // an OutOfMemoryError, too, would leave the build unwatched
      if (!closed) { // else a call that was under way
        end(e);
      }
    }
  }

  private void end(Throwable e) {
    try {
      verdict = verdict.or(() -> Optional.of(broken(e)));
      log.warn("cannot watch a build: {}", e.toString());
    } finally {
      stop.run();
    }
  }

  private static Diagnosis broken(Throwable e) {
    return new Diagnosis.Platform(
        "the build was stopped: its limits could not be kept",
        List.of(e.toString()),
        "look at ./widemesh status and at Docker, then push again");
  }

  @Override
  public void close() {
    closed = true;
    if (verdict.isEmpty()) { // else it is about to end the build, and then itself
      thread.interrupt();
    }
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
