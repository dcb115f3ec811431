package dev.widemesh.builder.debian;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// `mirror` is as for [MirrorAddress]. `caBundle` are certificates in PEM to trust besides the
/// machine's own. `proxies` are `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
public record BaseImagesConfig(
    Path cache, String mirror, Optional<Path> caBundle, Map<String, String> proxies) {
  public BaseImagesConfig {
    proxies = Map.copyOf(proxies);
  }
}
