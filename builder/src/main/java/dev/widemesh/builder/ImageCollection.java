package dev.widemesh.builder;

import com.github.dockerjava.api.exception.DockerException;
import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.builder.registry.Registry;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Frees the registry's disk of what nobody can run any more: every image that the controller does
/// not keep, once it is older than any build and roll-out takes; and the engine's of the caches of
/// stacks that are gone.
final class ImageCollection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageCollection.class);
  private static final Duration ROUND = Duration.ofMinutes(30);
  private static final Duration GRACE = Duration.ofHours(1);

  private final ApiClient controller;
  private final Registry registry;
  private final Bases bases;
  private final Supplier<Optional<String>> buildKit;
  private final Consumer<Set<String>> keepCaches;
  private final Thread thread = Thread.ofVirtual().name("image-collection").unstarted(this::rounds);

  /// `buildKit` is the image that BuildKit runs in, while it is used.
  ImageCollection(
      ApiClient controller,
      Registry registry,
      Bases bases,
      Supplier<Optional<String>> buildKit,
      Consumer<Set<String>> keepCaches) {
    this.controller = controller;
    this.registry = registry;
    this.bases = bases;
    this.buildKit = buildKit;
    this.keepCaches = keepCaches;
  }

  void start() {
    thread.start();
  }

  private void rounds() {
    try {
      while (true) {
        Thread.sleep(ROUND);
        bases.made().ifPresent(pair -> round(pair, GRACE));
      }
    } catch (InterruptedException _) {
      log.debug("the image collection stopped");
    }
  }

  /// Nothing is collected while the controller does not say what to keep.
  void round(Bases.Pair pair, Duration grace) {
    try {
      var since = Instant.now().minus(grace); // first: what is used from here on may be kept soon
      var kept = kept(pair);
      registry.collect(kept, since);
      keepCaches.accept(kept.stream().map(ImageCollection::stack).collect(Collectors.toSet()));
    } catch (ApiException | DockerException | IllegalArgumentException | UncheckedIOException e) {
      log.warn("images stay for now: {}", e.getMessage());
    }
  }

  /// Of `apps/<stack>@<digest>`.
  private static String stack(String reference) {
    return reference.replaceFirst("^apps/([^@]*)@.*", "$1");
  }

  private Set<String> kept(Bases.Pair pair) {
    var kept = new HashSet<>(List.of(controller.get(Route.KEPT_IMAGES.path(), String[].class)));
    kept.add(pair.run().reference());
    kept.add(pair.build().reference());
    buildKit.get().ifPresent(kept::add);
    return kept;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
