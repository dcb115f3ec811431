package dev.widemesh.builder.dockerfile;

import java.util.Map;

/// What to build: `repository` is the image's in the registry, `offered` the values that the
/// Dockerfile may ask for with ARG, `bases` the platform's base images by their names in FROM.
public record DockerfileRequest(
    String build,
    String stackId,
    String repository,
    String dockerfile,
    Map<String, String> offered,
    Map<String, String> bases) {
  public static final int MOST_BYTES = 1 << 20;

  public DockerfileRequest {
    offered = Map.copyOf(offered);
    bases = Map.copyOf(bases);
  }

  @Override
  public String toString() {
    return "DockerfileRequest[" + build + "]";
  }
}
