package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.image.EngineImage;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// One build with a Dockerfile, by the engine's classic builder or by BuildKit.
public sealed interface DockerfileRun extends AutoCloseable permits ClassicRun, KitRun {
  /// Empty, to be filled before [#build].
  Path workspace();

  /// The image in the registry.
  EngineImage build() throws IOException, InterruptedException, BuildRefused;

  /// The digest of its base image, the last one, in the registry that it came from.
  Optional<String> origin();

  /// The digests of all its base images, by the names that it has for them.
  Map<String, String> bases();

  /// Ends all that runs, from any thread.
  void kill();

  @Override
  void close() throws IOException;
}
