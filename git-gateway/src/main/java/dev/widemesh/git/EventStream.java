package dev.widemesh.git;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A deployment's events, read by a thread of its own into a bounded queue, so that the session's
/// thread can look after its client meanwhile.
final class EventStream implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventStream.class);
  private static final int AHEAD = 1_000;

  /// What the reader saw.
  sealed interface Signal {
    record Event(DeploymentEvent event) implements Signal {}

    /// The stream ended without an outcome; `hopeless` when asking again would not help.
    record Broken(boolean hopeless) implements Signal {}
  }

  private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(AHEAD);
  private final Thread reader;

  EventStream(Controller controller, String deployment, long after) {
    reader =
        Thread.ofVirtual()
            .name("follow-" + deployment)
            .start(() -> read(controller, deployment, after));
  }

  /// The next signal; empty when there was none for so long.
  Optional<Signal> next(Duration limit) throws InterruptedException {
    return Optional.ofNullable(signals.poll(limit.toMillis(), TimeUnit.MILLISECONDS));
  }

  private void read(Controller controller, String deployment, long after) {
    try {
      signals.put(new Signal.Broken(readAll(controller, deployment, after)));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean readAll(Controller controller, String deployment, long after)
      throws InterruptedException {
    try (var stream = controller.follow(deployment, after);
        var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          signals.put(new Signal.Event(Json.read(line, DeploymentEvent.class)));
        }
      }
      return false;
    } catch (ApiException e) {
      return e.status() >= 400 && e.status() < 500;
    } catch (IOException | IllegalArgumentException e) {
      log.info("the view of deployment {} broke: {}", deployment, e.toString());
      return false;
    }
  }

  /// The interrupt ends the reader's wait for the controller as well as for room in the queue.
  @Override
  public void close() {
    reader.interrupt();
  }
}
