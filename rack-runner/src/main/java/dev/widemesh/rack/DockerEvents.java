package dev.widemesh.rack;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears from Docker what happens to our containers, and connects again when Docker was away. What
/// was missed meanwhile is looked for.
final class DockerEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DockerEvents.class);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final Engine engine;
  private final String platform;
  private final Consumer<String> changed;
  private final Runnable missed;
  private final Thread thread;

  /// `changed` hears the environment.
  DockerEvents(Engine engine, String platform, Consumer<String> changed, Runnable missed) {
    this.engine = engine;
    this.platform = platform;
    this.changed = changed;
    this.missed = missed;
    this.thread = Thread.ofVirtual().name("docker-events").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        listen();
        Thread.sleep(AGAIN);
      }
    } catch (InterruptedException _) {
      log.debug("Docker's events stopped");
    }
  }

  private void listen() throws InterruptedException {
    var ended = new CountDownLatch(1);
    var listener = new Listener(ended);
    try (var stream = engine.events(Map.of(Labels.PLATFORM, platform), listener)) {
      missed.run();
      ended.await();
      log.debug("{} ended", stream);
    } catch (IOException | RuntimeException e) {
      log.warn("no events from Docker: {}", Refusals.reason(e));
    }
  }

  private final class Listener extends ResultCallback.Adapter<Event> {
    private final CountDownLatch ended;

    Listener(CountDownLatch ended) {
      this.ended = ended;
    }

    @Override
    public void onStart(java.io.Closeable stream) {
      super.onStart(stream);
      missed.run();
    }

    @Override
    public void onNext(Event event) {
      var actor = event.getActor();
      if (actor != null && actor.getAttributes() != null) {
        var environment = actor.getAttributes().get(Labels.ENVIRONMENT);
        if (environment != null) {
          changed.accept(environment);
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      log.info("Docker's events ended: {}", Refusals.reason(failure));
      closeQuietly();
      ended.countDown();
    }

    // Not the inherited one: it logs every end of a stream as an error.
    private void closeQuietly() {
      try {
        close();
      } catch (IOException e) {
        log.debug("closing Docker's events", e);
      }
    }

    @Override
    public void onComplete() {
      super.onComplete();
      ended.countDown();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
