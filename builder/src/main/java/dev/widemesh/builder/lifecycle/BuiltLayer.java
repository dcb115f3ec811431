package dev.widemesh.builder.lifecycle;

import java.nio.file.Path;
import java.util.Map;

/// A layer as a buildpack left it.
record BuiltLayer(
    Buildpack buildpack,
    String name,
    Path folder,
    boolean build,
    boolean launch,
    boolean cache,
    Map<String, Object> metadata) {
  BuiltLayer {
    metadata = Map.copyOf(metadata);
  }

  /// Where it lies in the build and in the image.
  String inside() {
    return "/layers/" + buildpack.escapedId() + "/" + name;
  }
}
