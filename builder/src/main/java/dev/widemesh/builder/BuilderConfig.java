package dev.widemesh.builder;

import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Mirrors;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.model.SigningKey;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `data` holds work folders and the stacks' caches, `cache` what every platform of this machine
/// may share (packages, base images), `buildpacks` the folder with `order.toml`. `signing` signs
/// all images. `cacheBytes` bounds what all stacks' caches hold together. `buildKit` is a folder
/// with `buildkitd` and `buildctl`, where the operator has one.
public record BuilderConfig(
    Path data,
    Path cache,
    Path buildpacks,
    URI controller,
    String token,
    String platform,
    Registry registry,
    String registryUser,
    String registryPassword,
    Network network,
    BuildLimits limits,
    long cacheBytes,
    SigningKey signing,
    Optional<Path> buildKit) {
  /// How builds reach the internet: certificates to trust besides, `HTTP_PROXY` and the like, whom
  /// they ask instead of the usual places, and `registries` (`host:port`) for FROM, and
  /// `buildpackHosts` for buildpacks, that are no public ones.
  public record Network(
      Optional<Path> caBundle,
      Map<String, String> proxies,
      Mirrors mirrors,
      Optional<String> baseImages,
      Set<String> registries,
      Set<String> buildpackHosts) {
    public Network {
      proxies = Map.copyOf(proxies);
      registries = Set.copyOf(registries);
      buildpackHosts = Set.copyOf(buildpackHosts);
    }
  }

  @Override
  public String toString() {
    return "BuilderConfig[%s, %s]".formatted(platform, controller);
  }
}
