package dev.widemesh.git;

import dev.widemesh.api.ApiException;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps all refs as the controller wants them: at the start, whenever something changed, and again
/// after every trouble.
final class ProjectionLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProjectionLoop.class);
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
  private static final Duration LAST_STEP = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final Projector projector;
  private final Controller controller;
  private final Thread thread;

  private ProjectionLoop(Projector projector, Controller controller) {
    this.projector = projector;
    this.controller = controller;
    this.thread = Thread.ofVirtual().name("projections").unstarted(this::loop);
  }

  static ProjectionLoop start(Projector projector, Controller controller) {
    var loop = new ProjectionLoop(projector, controller);
    loop.thread.start();
    return loop;
  }

  private void loop() {
    var pause = AFTER_TROUBLE;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        pause = step() ? AFTER_TROUBLE : afterTrouble(pause);
      }
    } catch (InterruptedException _) {
      log.debug("no longer projecting");
    }
  }

  private static Duration afterTrouble(Duration pause) throws InterruptedException {
    Thread.sleep(pause);
    var longer = pause.multipliedBy(2);
    return longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
  }

  /// The long poll only says that something changed; the list is asked for afresh.
  private boolean step() {
    try {
      var revision = projector.projectAll();
      while (controller.changed(revision).isEmpty()) {
        log.trace("refs are at revision {}", revision);
      }
      return true;
    } catch (ApiException e) {
      if (!Thread.currentThread().isInterrupted()) {
        log.warn("cannot ask what the refs must be: {}", e.getMessage());
      }
    } catch (IOException | RuntimeException e) {
      log.error("refs are not what they must be; trying again", e);
    }
    return false;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(LAST_STEP);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
