package dev.widemesh.rack;

import dev.widemesh.api.OwnRegistry;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes from this server the images that the registry has given up: those of deleted
/// environments, and those that nobody can roll back to any more. What a container uses stays, and
/// what is no app: the builder's images are not for racks to judge.
final class ImageJanitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageJanitor.class);
  private static final Duration ROUND = Duration.ofMinutes(10);
  private static final String APPS = "/apps";

  private final Engine engine;
  private final RackRunnerConfig config;
  private final OwnRegistry registry;
  private final Thread thread = Thread.ofVirtual().name("image-janitor").unstarted(this::rounds);

  ImageJanitor(Engine engine, RackRunnerConfig config, OwnRegistry registry) {
    this.registry = registry;
    this.engine = engine;
    this.config = config;
  }

  void start() {
    thread.start();
  }

  private void rounds() {
    try {
      while (true) {
        Thread.sleep(ROUND);
        round();
      }
    } catch (InterruptedException _) {
      log.debug("the image janitor stopped");
    }
  }

  void round() {
    try {
      for (var reference : engine.imagesFrom(config.registry() + APPS)) {
        if (isGivenUp(reference) && engine.removeImage(reference)) {
          log.info("removed image {}", reference);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.warn("images stay for now: {}", e.toString());
    }
  }

  private boolean isGivenUp(String reference) throws IOException {
    var image = reference.substring(config.registry().length() + 1).split("@", 2);
    return registry.lacks(image[0], image[1]);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
