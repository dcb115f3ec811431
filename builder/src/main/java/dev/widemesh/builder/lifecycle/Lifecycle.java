package dev.widemesh.builder.lifecycle;

import dev.widemesh.api.OutputLine.Draft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Builds source trees with buildpacks.
public final class Lifecycle implements AutoCloseable {
  private final LifecycleConfig config;
  private final Engine engine;
  private final Catalogue catalogue;
  private final CacheShelf shelf;
  private final Cleaning cleaning = new Cleaning();

  private Lifecycle(LifecycleConfig config, Engine engine, Catalogue catalogue) {
    this.config = config;
    this.engine = engine;
    this.catalogue = catalogue;
    this.shelf = new CacheShelf(config.data().resolve("cache"), config.cacheBytes());
  }

  /// Removes what an earlier life left behind, and reads the buildpacks.
  public static Lifecycle start(LifecycleConfig config, Engine engine)
      throws IOException, BuildRefused {
    var catalogue = Catalogue.read(config.buildpacks().toAbsolutePath().normalize());
    engine.sweep();
    WorkFolders.delete(work(config));
    Files.createDirectories(work(config));
    return new Lifecycle(config, engine, catalogue);
  }

  private static Path work(LifecycleConfig config) {
    return config.data().resolve("work").toAbsolutePath().normalize();
  }

  /// Changes with any byte of the buildpacks.
  public String fingerprint() {
    return catalogue.fingerprint();
  }

  /// Refuses to build on a disk that is nearly full: what else lives there must go on.
  public void requireSpace() throws IOException, BuildRefused {
    var places = Stream.concat(Stream.of(work(config)), engine.root().stream());
    for (var place : places.toList()) {
      var space = DiskSpace.of(place);
      if (space.isNearlyFull()) {
        throw new BuildRefused(space.diagnosis());
      }
    }
  }

  /// Makes the build's folders, and starts its container while the caller fills the workspace.
  public BuildRun open(BuildRequest request, Consumer<Draft> output) throws IOException {
    var folders = WorkFolders.create(work(config).resolve(request.build()));
    return new BuildRun(config, engine, catalogue, shelf, cleaning, request, folders, output);
  }

  @Override
  public void close() {
    cleaning.close();
  }
}
