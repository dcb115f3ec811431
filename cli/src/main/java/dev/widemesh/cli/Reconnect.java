package dev.widemesh.cli;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// Opens a stream again when it broke, for as long as a restart of the controller may take.
final class Reconnect {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Session mesh;
  private final ApiClient controller;
  private Instant contact = Instant.now();
  private boolean opened;
  private boolean told;

  Reconnect(Session mesh, ApiClient controller) {
    this.mesh = mesh;
    this.controller = controller;
  }

  /// The first time a refusal is final; later on only silence beyond our patience is.
  StreamedLines open(String path) {
    while (true) {
      try {
        var lines = new StreamedLines(controller.stream(path));
        opened = true;
        return lines;
      } catch (ApiException e) {
        if (!opened || !worthAnotherTry(e)) {
          throw e;
        }
        pause();
      }
    }
  }

  void heard() {
    contact = Instant.now();
    told = false;
  }

  /// Before the next attempt, so that a stream that ends at once does not spin.
  void pause() {
    if (!told) {
      mesh.note("Connection lost; trying again for " + PATIENCE.toSeconds() + " s.");
      told = true;
    }
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  boolean exhausted() {
    return contact.plus(PATIENCE).isBefore(Instant.now());
  }

  private boolean worthAnotherTry(ApiException e) {
    return (e.status() == 0 || e.status() >= 500) && !exhausted();
  }
}
