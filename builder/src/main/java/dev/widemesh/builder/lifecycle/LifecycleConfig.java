package dev.widemesh.builder.lifecycle;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// `registry` is `host:port`. `mostBytes` bounds what one build may write, `cacheBytes` what all
/// stacks' caches hold together.
public record LifecycleConfig(
    Path data,
    Path buildpacks,
    String registry,
    Optional<Path> caBundle,
    Map<String, String> proxies,
    Duration limit,
    long mostBytes,
    long cacheBytes) {
  public static final Duration LIMIT = Duration.ofMinutes(15);
  public static final long MOST_BYTES = 10L << 30;
  public static final long CACHE_BYTES = 5L << 30;

  public LifecycleConfig {
    proxies = Map.copyOf(proxies);
  }

  @Override
  public String toString() {
    return "LifecycleConfig[" + registry + "]";
  }
}
