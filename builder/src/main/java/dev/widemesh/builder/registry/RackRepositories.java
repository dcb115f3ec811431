package dev.widemesh.builder.registry;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What one rack may pull from: the repositories of the images that the controller keeps for the
/// environments of that rack. While the controller does not answer, what it said last holds.
public final class RackRepositories implements Rights.Repositories {
  private static final long FRESH = Duration.ofSeconds(5).toNanos();
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final ApiClient controller;
  private final String path;
  private Set<String> known = Set.of();
  private long answered = System.nanoTime() - FRESH;
  private long failed = System.nanoTime() - PAUSE;

  public RackRepositories(ApiClient controller, String rack) {
    this.controller = controller;
    this.path = Route.RACK_IMAGES.with(rack);
  }

  /// One that was not there a moment ago may be new.
  @Override
  public synchronized boolean contain(String repository) throws IOException {
    var now = System.nanoTime();
    var paused = now - failed < PAUSE;
    if (known.contains(repository) && (paused || now - answered < FRESH)) {
      return true;
    }
    if (paused) {
      throw new IOException("the controller did not answer just now");
    }
    try {
      known = ask();
      answered = System.nanoTime();
    } catch (ApiException e) {
      failed = System.nanoTime();
      if (!known.contains(repository)) {
        throw new IOException(e.getMessage(), e);
      }
    }
    return known.contains(repository);
  }

  private Set<String> ask() {
    return List.of(controller.get(path, String[].class)).stream()
        .map(reference -> reference.replaceFirst("@.*", ""))
        .collect(Collectors.toUnmodifiableSet());
  }
}
