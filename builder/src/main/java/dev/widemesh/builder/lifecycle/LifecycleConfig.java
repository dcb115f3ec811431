package dev.widemesh.builder.lifecycle;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// `registry` is `host:port`. `limits` are those of one build, `cacheBytes` bounds what all stacks'
/// caches hold together.
public record LifecycleConfig(
    Path data,
    Path buildpacks,
    String registry,
    Optional<Path> caBundle,
    Map<String, String> proxies,
    Mirrors mirrors,
    BuildLimits limits,
    long cacheBytes) {
  public static final long CACHE_BYTES = 5_000_000_000L;

  public LifecycleConfig {
    proxies = Map.copyOf(proxies);
  }

  @Override
  public String toString() {
    return "LifecycleConfig[" + registry + "]";
  }
}
