package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.WrongContent;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.registry.Durable;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signs what can still be started, once for each key: what was built before images were signed, or
/// with a key that is gone; first what is live, as the controller says. A file remembers with which
/// key that was done. From then on it signs again only what loses its signature.
final class SigningAnew implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SigningAnew.class);
  private static final Duration AGAIN = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMinutes(10);

  private final ApiClient controller;
  private final ImageExporter exporter;
  private final String fingerprint;
  private final Path done;
  private volatile boolean over;
  private final Thread thread = Thread.ofVirtual().name("signing-anew").unstarted(this::run);

  SigningAnew(ApiClient controller, ImageExporter exporter, SigningKey key, Path data) {
    this.controller = controller;
    this.exporter = exporter;
    this.fingerprint = key.verifying().fingerprint();
    this.done = data.resolve("signed-with");
    this.over = wasDone();
  }

  void start() {
    thread.start();
  }

  /// As long as it does, what is not signed may be so soon.
  boolean isUnderWay() {
    return !over;
  }

  private boolean wasDone() {
    try {
      return Files.exists(done) && Files.readString(done).equals(fingerprint);
    } catch (IOException e) {
      log.warn("{} cannot be read: images are signed anew: {}", done, e.toString());
      return false;
    }
  }

  private void run() {
    try {
      for (var pause = AGAIN; !isDone(); pause = longer(pause)) {
        Thread.sleep(pause);
      }
      var lost = new LostSignatures(controller, exporter);
      while (true) {
        lost.round();
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException _) {
      log.debug("nothing is signed anew any more");
    }
  }

  private static Duration longer(Duration pause) {
    var twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
  }

  /// Does it, unless it was done. Not while the controller does not say what is kept.
  boolean isDone() {
    if (over) {
      return true;
    }
    try {
      var images = List.of(controller.get(Route.KEPT_IMAGES.path(), String[].class));
      if (!signAll(images)) {
        return false;
      }
      Durable.write(done, fingerprint.getBytes(StandardCharsets.UTF_8));
      over = true;
      log.info("{} images are signed with the key {}", images.size(), fingerprint);
      return true;
    } catch (ApiException | IllegalArgumentException | IOException e) {
      log.debug("images cannot be signed yet: {}", e.toString());
      return false;
    }
  }

  /// One that is lost, or damaged, does not keep the others from it.
  private boolean signAll(List<String> images) {
    var all = true;
    for (var image : images) {
      try {
        if (!exporter.sign(image)) {
          log.warn("{} is not there to be signed", image);
        }
      } catch (WrongContent e) { // Nor tomorrow; a push makes it anew.
        log.warn("{} is damaged, and not signed: {}", image, e.getMessage());
      } catch (IOException e) {
        log.warn("{} cannot be signed yet: {}", image, e.toString());
        all = false;
      }
    }
    return all;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
