package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Image;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds source trees with their Dockerfile.
///
/// The images of a stack's last good build stay in the engine: they are its cache.
public final class DockerfileBuilds {
  private static final Logger log = LoggerFactory.getLogger(DockerfileBuilds.class);

  private final LifecycleConfig config;
  private final Engine engine;
  private final ImageExporter exporter;
  private final KeptImages kept;
  private final BuildNetworks networks;
  private final PulledImages pulled;
  private final ProvenNames names;
  private final BuildKit buildKit;
  private final KitCaches kitCaches;
  private final Map<String, String> open = new ConcurrentHashMap<>();

  private DockerfileBuilds(
      LifecycleConfig config, Engine engine, ImageExporter exporter, BuildKit buildKit) {
    this.config = config;
    this.engine = engine;
    this.exporter = exporter;
    this.buildKit = buildKit;
    this.kitCaches = new KitCaches(config.data().resolve("buildkit").toAbsolutePath().normalize());
    this.kept = kept(config);
    this.networks = new BuildNetworks(engine);
    this.pulled =
        new PulledImages(
            engine, notes(config.data()), PulledImages.Bounds.USUAL, InstantSource.system());
    this.names = new ProvenNames(engine, askedNames(config.data()), InstantSource.system());
  }

  /// Removes what an earlier life left behind.
  public static DockerfileBuilds start(
      LifecycleConfig config, Engine engine, ImageExporter exporter, BuildKit buildKit)
      throws IOException {
    for (var container : engine.containers(Mark.NAME)) {
      var mark = String.valueOf(container.getLabels().get(Mark.NAME));
      if (mark.startsWith(engine.platform() + "/")) {
        log.info("removing container {} of a Dockerfile build that ended", container.getId());
        engine.remove(container.getId());
      }
    }
    kept(config).clean();
    notes(config.data()).clean();
    askedNames(config.data()).clean();
    for (var mark : all(engine)) {
      try {
        mark.removeImagesBut(engine, kept(config).of(mark.stack()));
      } catch (DockerException e) {
        log.warn("images of {} stay for now: {}", mark, e.getMessage());
      }
    }
    WorkFolders.delete(work(config));
    Files.createDirectories(work(config));
    return new DockerfileBuilds(config, engine, exporter, buildKit);
  }

  private static KeptImages kept(LifecycleConfig config) {
    return new KeptImages(config.data().resolve("dockerfile-caches").toAbsolutePath().normalize());
  }

  private static PullNotes notes(Path data) {
    return new PullNotes(data.resolve("dockerfile-bases").toAbsolutePath().normalize());
  }

  private static PullNotes askedNames(Path data) {
    return new PullNotes(data.resolve("dockerfile-names").toAbsolutePath().normalize());
  }

  private static Path work(LifecycleConfig config) {
    return config.data().resolve("dockerfiles").toAbsolutePath().normalize();
  }

  /// By the engine's own builder, or by BuildKit where the Dockerfile has what only that knows.
  public DockerfileRun open(DockerfileRequest request, Consumer<Draft> output)
      throws IOException, BuildRefused {
    var dockerfile =
        request.image().isEmpty()
            ? NeededStages.of(
                Dockerfile.parse(request.dockerfile()), request.stage(), request.offered())
            : Dockerfile.taking(request.image());
    var folder = work(config).resolve(request.build());
    kitCaches.alone(() -> open.put(request.build(), request.stackId()));
    Files.createDirectories(DockerfileTask.workspace(folder));
    var task =
        new DockerfileTask(
            config,
            engine,
            exporter,
            request,
            dockerfile,
            folder,
            output,
            networks.take(),
            images(request),
            () -> open.remove(request.build()));
    return dockerfile.beyondClassic().isPresent()
        ? new KitRun(task, buildKit, kitCaches)
        : new ClassicRun(task, kept);
  }

  private EngineImages images(DockerfileRequest request) {
    return new EngineImages(engine, request.bases(), pulled.new Use(), names);
  }

  /// Images that a build runs in or stands on without a Dockerfile.
  public OutsideImages images(Origins origins) {
    return new OutsideImages(engine, new EngineImages(engine, origins, pulled.new Use(), names));
  }

  /// Those under way, or being cleared away.
  public Set<String> builds() {
    return Set.copyOf(open.keySet());
  }

  /// Work folders of no build that is under way.
  public List<String> strays() throws IOException {
    try (var folders = Files.list(work(config))) {
      // All of them before the builds: one that begins meanwhile is under way.
      var names = folders.map(folder -> String.valueOf(folder.getFileName())).toList();
      return names.stream().filter(name -> !open.containsKey(name)).toList();
    }
  }

  /// What the engine still has of builds that ended, and no stack's cache is.
  public List<String> leftovers() throws IOException {
    var busy = new HashSet<>(open.values());
    var left = new Leftovers(engine.containers(Mark.NAME), engine.images(Mark.NAME));
    busy.addAll(open.values());
    return left.besides(engine.platform(), busy, kept);
  }

  /// Drops the caches of stacks that are neither among these nor being built, and the base images
  /// that nobody needs.
  public void keepOnly(Set<String> stacks) {
    all(engine).stream()
        .filter(mark -> !stacks.contains(mark.stack()) && !open.containsValue(mark.stack()))
        .forEach(
            mark -> {
              mark.removeImagesBut(engine, Set.of());
              kept.drop(mark.stack());
            });
    try {
      kitCaches.keepOnly(stacks, open::containsValue);
      var _ = pulled.sweep();
      names.sweep();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot clear away what Dockerfile builds left", e);
    }
  }

  /// Removes all images that a platform's builds left in the engine, or brought there. `data` is
  /// the builder's folder.
  public static void purge(Engine engine, Path data) throws IOException {
    all(engine).forEach(mark -> mark.removeImagesBut(engine, Set.of()));
    new PulledImages(engine, notes(data), PulledImages.Bounds.NOTHING, InstantSource.system())
        .empty();
  }

  private static List<Mark> all(Engine engine) {
    return engine.images(Mark.NAME).stream()
        .map(Image::getLabels)
        .map(labels -> String.valueOf(labels.get(Mark.NAME)))
        .filter(label -> label.startsWith(engine.platform() + "/"))
        .map(label -> new Mark(engine.platform(), label.substring(engine.platform().length() + 1)))
        .distinct()
        .toList();
  }
}
