package dev.widemesh.rack;

import com.github.dockerjava.api.model.AuthConfig;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Brings images to this server, each once however many instances wait for it, and so many at once.
final class Images {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final int AT_ONCE = 16;

  private final Semaphore permits = new Semaphore(AT_ONCE);
  private final Engine engine;
  private final RackRunnerConfig config;
  private final ConcurrentHashMap<String, FutureTask<Boolean>> pulls = new ConcurrentHashMap<>();

  Images(Engine engine, RackRunnerConfig config) {
    this.engine = engine;
    this.config = config;
  }

  String reference(String image) {
    return config.registry() + "/" + image;
  }

  boolean has(String image) {
    return engine.hasImage(reference(image));
  }

  void pull(String image) throws InterruptedException {
    var mine = new FutureTask<>(() -> fetch(reference(image)));
    var other = pulls.putIfAbsent(image, mine);
    if (other == null) {
      try {
        mine.run();
      } finally {
        pulls.remove(image, mine);
      }
    }
    try {
      var _ = (other == null ? mine : other).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "cannot pull %s: %s".formatted(image, Refusals.reason(e.getCause())), e);
    }
  }

  private Boolean fetch(String reference) throws InterruptedException {
    if (!permits.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("%d other images did not arrive yet".formatted(AT_ONCE));
    }
    try {
      pullNow(reference);
    } finally {
      permits.release();
    }
    return true;
  }

  private void pullNow(String reference) throws InterruptedException {
    var auth =
        new AuthConfig()
            .withUsername(config.registryUser())
            .withPassword(config.registryPassword())
            .withRegistryAddress(config.registry());
    engine.pull(reference, auth, LIMIT);
  }
}
