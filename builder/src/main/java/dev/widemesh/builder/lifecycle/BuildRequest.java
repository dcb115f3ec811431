package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.ImageConfig;
import java.util.Map;

/// What to build, and on which base images. `build` names the container and the work folder,
/// `settings` are the user's variables for the buildpacks.
public record BuildRequest(
    String build,
    String stackId,
    String commit,
    Map<String, String> settings,
    BaseImage run,
    BaseImage builder) {
  public BuildRequest {
    settings = Map.copyOf(settings);
  }

  /// `reference` is `<repository>@sha256:<hex>`.
  public record BaseImage(String reference, String version, ImageConfig config) {}
}
