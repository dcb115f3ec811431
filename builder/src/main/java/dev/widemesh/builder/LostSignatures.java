package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.builder.image.ImageExporter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks whether all that is kept still has its signature, and signs again what lost it and is
/// known to be ours. For one thread.
final class LostSignatures {
  private static final Logger log = LoggerFactory.getLogger(LostSignatures.class);

  /// Longer than a build that was signed waits until the controller keeps it.
  private static final Duration GRACE = Duration.ofHours(1);

  private final ApiClient controller;
  private final ImageExporter exporter;

  /// Of whom it was said.
  private final Set<String> unknown = new HashSet<>();

  LostSignatures(ApiClient controller, ImageExporter exporter) {
    this.controller = controller;
    this.exporter = exporter;
  }

  void round() {
    try {
      var since = Instant.now().minus(GRACE);
      var images = List.of(controller.get(Route.KEPT_IMAGES.path(), String[].class));
      images.forEach(this::look);
      unknown.retainAll(images);
      exporter.rememberOnly(images, since);
    } catch (ApiException | IllegalArgumentException | IOException e) {
      log.debug("signatures are looked for later: {}", e.toString());
    }
  }

  private void look(String image) {
    try {
      switch (exporter.mend(image)) {
        case WHOLE, GONE -> unknown.remove(image);
        case SIGNED_AGAIN -> log.warn("{} had lost its signature; it is ours: signed again", image);
        case UNKNOWN -> {
          if (unknown.add(image)) {
            log.warn("{} has no signature, and nothing says that it is ours: push it again", image);
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      log.warn("cannot look for the signature of {}: {}", image, e.toString());
    }
  }
}
