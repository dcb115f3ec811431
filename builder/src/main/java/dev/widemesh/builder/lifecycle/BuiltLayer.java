package dev.widemesh.builder.lifecycle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  private static final List<String> PER_TYPE = List.of("env.launch", "exec.d", "profile.d");

  BuiltLayer {
    metadata = Map.copyOf(metadata);
  }

  /// Whether it has settings for one type of process alone.
  boolean has(String type) {
    return PER_TYPE.stream()
        .anyMatch(name -> Files.isDirectory(folder.resolve(name).resolve(type)));
  }

  /// Where it lies in the build and in the image.
  String inside() {
    return "/layers/" + buildpack.escapedId() + "/" + name;
  }
}
