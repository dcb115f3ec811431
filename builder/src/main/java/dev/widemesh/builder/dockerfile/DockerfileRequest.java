package dev.widemesh.builder.dockerfile;

import java.util.Map;

/// What to build: `dockerfile` is its text; or an `image`, else empty, is taken as it is.
/// `repository` is the image's in the registry, `offered` the values that the Dockerfile may ask
/// for with ARG.
public record DockerfileRequest(
    String build,
    String stackId,
    String repository,
    String dockerfile,
    Map<String, String> offered,
    String image,
    Origins bases) {
  public static final int MOST_BYTES = 1 << 20;

  public DockerfileRequest {
    offered = Map.copyOf(offered);
  }

  public static DockerfileRequest taking(
      String build, String stackId, String repository, String image, Origins bases) {
    return new DockerfileRequest(build, stackId, repository, "", Map.of(), image, bases);
  }

  @Override
  public String toString() {
    return "DockerfileRequest[" + build + "]";
  }
}
