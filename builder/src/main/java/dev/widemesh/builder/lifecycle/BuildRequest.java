package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.ImageConfig;
import java.util.List;
import java.util.Map;

/// What to build, and on which base images. `build` names the container and the work folder,
/// `settings` are the user's variables for the buildpacks, `buildpacks` what the stack names
/// instead of ours.
public record BuildRequest(
    String build,
    String stackId,
    String commit,
    Map<String, String> settings,
    List<Addition> buildpacks,
    BaseImage run,
    BaseImage builder) {
  public BuildRequest {
    settings = Map.copyOf(settings);
    buildpacks = List.copyOf(buildpacks);
  }

  /// `reference` is `<repository>@sha256:<hex>`.
  public record BaseImage(String reference, String version, ImageConfig config) {}
}
