package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.ImageConfig;

/// What to build, and on which base images. `build` names the container and the work folder.
public record BuildRequest(
    String build, String stackId, String commit, BaseImage run, BaseImage builder) {
  /// `reference` is `<repository>@sha256:<hex>`.
  public record BaseImage(String reference, String version, ImageConfig config) {}
}
