package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.lifecycle.Buildpack.Origin;
import dev.widemesh.builder.lifecycle.KeptLayer.Given;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A layer as a buildpack left it. Of one that is `reused` it left no folder: that of the last
/// image is taken, which lies in the cache.
record BuiltLayer(
    Buildpack buildpack,
    String name,
    Path folder,
    boolean build,
    boolean launch,
    boolean cache,
    boolean reused,
    Map<String, Object> metadata) {
  private static final List<String> PER_TYPE = List.of("env.launch", "exec.d", "profile.d");

  BuiltLayer {
    metadata = Map.copyOf(metadata);
  }

  BuiltLayer reusing(Path kept) {
    return new BuiltLayer(buildpack, name, kept, build, launch, cache, true, metadata);
  }

  /// What the next build gets of it; nothing where it need not be kept at all. Ours cache whatever
  /// they look at again.
  Optional<Given> toNextBuild() {
    if (cache) {
      return Optional.of(Given.ALL);
    }
    if (!launch || buildpack.origin().equals(Origin.OURS)) {
      return Optional.empty();
    }
    return Optional.of(build ? Given.NOTHING : Given.WORDS);
  }

  /// Whether it has settings for one type of process alone.
  boolean has(String type) {
    return PER_TYPE.stream()
        .anyMatch(name -> Files.isDirectory(folder.resolve(name).resolve(type)));
  }

  /// Where it lies in the build and in the image.
  String inside() {
    return inside(buildpack.id(), name);
  }

  static String inside(String buildpack, String name) {
    return "/layers/" + Buildpack.escaped(buildpack) + "/" + name;
  }
}
