package dev.widemesh.builder.dockerfile;

import java.util.Map;

/// What to build: `repository` is the image's in the registry, `offered` the values that the
/// Dockerfile may ask for with ARG.
public record DockerfileRequest(
    String build,
    String stackId,
    String repository,
    String dockerfile,
    Map<String, String> offered,
    Origins bases) {
  public static final int MOST_BYTES = 1 << 20;

  public DockerfileRequest {
    offered = Map.copyOf(offered);
  }

  @Override
  public String toString() {
    return "DockerfileRequest[" + build + "]";
  }
}
