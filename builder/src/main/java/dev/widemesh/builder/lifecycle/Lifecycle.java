package dev.widemesh.builder.lifecycle;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.image.ImageExporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Builds source trees with buildpacks.
public final class Lifecycle implements AutoCloseable {
  private final LifecycleConfig config;
  private final Engine engine;
  private final Catalogue catalogue;
  private final CacheShelf shelf;
  private final Cleaning cleaning = new Cleaning();
  private final String life = UUID.randomUUID().toString();
  private final Set<String> builds = ConcurrentHashMap.newKeySet();

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

  /// Different after every start.
  public String life() {
    return life;
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
    builds.add(request.build());
    var folders = WorkFolders.create(work(config).resolve(request.build()));
    return new BuildRun(
        config, engine, catalogue, shelf, cleaning, request, folders, output, builds::remove);
  }

  /// A place for layers that are made without a build, and the stack's cache.
  public Patching patch(String build, String stackId) throws IOException {
    builds.add(build);
    return new Patching(shelf, stackId, work(config).resolve(build), () -> builds.remove(build));
  }

  /// Makes the folders of a build with a builder's own lifecycle; its container starts later.
  public CreatorRun open(CreatorRequest request, ImageExporter images, Consumer<Draft> output)
      throws IOException {
    builds.add(request.build());
    var user = request.builder().user();
    var folders = WorkFolders.create(work(config).resolve(request.build()), user);
    return new CreatorRun(
        config, engine, images, shelf, cleaning, request, folders, output, builds::remove);
  }

  /// Those under way, or being cleared away.
  public Set<String> builds() {
    return Set.copyOf(builds);
  }

  /// Work folders of no build that is under way.
  public List<String> strays() throws IOException {
    try (var folders = Files.list(work(config))) {
      // All of them before the builds: one that begins meanwhile is under way.
      var names = folders.map(folder -> String.valueOf(folder.getFileName())).toList();
      return names.stream().filter(name -> !builds.contains(name)).toList();
    }
  }

  @Override
  public void close() {
    cleaning.close();
  }
}
