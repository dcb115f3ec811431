package dev.widemesh.builder.dockerfile;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// What to build: `dockerfile` is its text, `stage` the name or number of the one that becomes the
/// image, empty for the last; or an `image`, else empty, is taken as it is. `repository` is the
/// image's in the registry, `offered` the values that the Dockerfile may ask for with ARG,
/// `secrets` those that a step may mount.
public record DockerfileRequest(
    String build,
    String stackId,
    String repository,
    String dockerfile,
    String stage,
    Map<String, String> offered,
    String image,
    Origins bases,
    Secrets secrets) {
  public static final int MOST_BYTES = 1 << 20;

  /// The stack's secret configuration, asked for only by the names that a Dockerfile mounts. Names
  /// that it does not have are missing in the answer.
  public interface Secrets {
    Map<String, String> values(Set<String> names) throws IOException;
  }

  public DockerfileRequest {
    offered = Map.copyOf(offered);
  }

  public static DockerfileRequest taking(
      String build, String stackId, String repository, String image, Origins bases) {
    return new DockerfileRequest(
        build, stackId, repository, "", "", Map.of(), image, bases, _ -> Map.of());
  }

  @Override
  public String toString() {
    return "DockerfileRequest[" + build + "]";
  }
}
