package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.dockerfile.Preparation.Prepared;
import dev.widemesh.builder.image.EngineImage;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.WorkFolders;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build with a Dockerfile by the engine: prepare, build in the engine, push, and keep what is
/// of use to the next one.
final class ClassicRun implements DockerfileRun {
  private static final Logger log = LoggerFactory.getLogger(ClassicRun.class);
  private static final String PREPARED = ".widemesh-dockerfile";

  private final LifecycleConfig config;
  private final Engine engine;
  private final ImageExporter exporter;
  private final KeptImages kept;
  private final DockerfileRequest request;
  private final Dockerfile dockerfile;
  private final Path folder;
  private final Consumer<Draft> output;
  private final BuildNetworks.Taken network;
  private final EngineImages images;
  private final Runnable onClose;
  private final Mark mark;
  private final StoppableImages bases;
  private final Ending ending = new Ending(this::stop);
  private volatile Optional<BuildCall> call = Optional.empty();
  private volatile boolean killed;
  private volatile boolean late;

  ClassicRun(
      LifecycleConfig config,
      Engine engine,
      ImageExporter exporter,
      KeptImages kept,
      DockerfileRequest request,
      Dockerfile dockerfile,
      Path folder,
      Consumer<Draft> output,
      BuildNetworks networks,
      EngineImages images,
      Runnable onClose)
      throws IOException {
    this.config = config;
    this.engine = engine;
    this.exporter = exporter;
    this.kept = kept;
    this.request = request;
    this.dockerfile = dockerfile;
    this.folder = folder;
    this.output = output;
    this.images = images;
    this.onClose = onClose;
    this.mark = new Mark(engine.platform(), request.stackId());
    this.bases = new StoppableImages(images, engine.root());
    Files.createDirectories(workspace());
    this.network = networks.take();
  }

  @Override
  public Path workspace() {
    return folder.resolve("workspace");
  }

  @Override
  public EngineImage build() throws IOException, InterruptedException, BuildRefused {
    var cache = kept.of(request.stackId());
    try {
      var progress = buildInTime();
      Failpoint.DOCKERFILE_BUILT.pass();
      var image = push();
      cache = remember(progress);
      return image;
    } finally {
      clear(cache);
    }
  }

  @Override
  public Optional<String> origin() {
    return images.digest();
  }

  @Override
  public Map<String, String> bases() {
    return images.digests();
  }

  /// Pulls of base images take from the time too.
  private Progress buildInTime() throws IOException, InterruptedException, BuildRefused {
    try (var clock = new ScheduledThreadPoolExecutor(1)) {
      var alarm =
          clock.schedule(this::expire, config.limits().time().toMillis(), TimeUnit.MILLISECONDS);
      try {
        return build(prepare());
      } finally {
        alarm.cancel(false);
      }
    }
  }

  private Prepared prepare() throws IOException, InterruptedException, BuildRefused {
    try {
      return Preparation.of(dockerfile, request.offered(), bases, mark.labels());
    } catch (BuildRefused e) {
      throw killed ? stopped(List.of()) : e;
    }
  }

  private Progress build(Prepared prepared) throws IOException, InterruptedException, BuildRefused {
    var context = context(prepared);
    var progress = new Progress(prepared.steps(), output);
    var limits = config.limits();
    var written = new WrittenBytes(engine, mark, limits.written());
    try (var build = new BuildCall(engine, network.ensured(), progress);
        var watch = new StepWatch(engine, mark, limits, progress, written, ending::now)) {
      call = Optional.of(build);
      if (!killed) {
        run(build, context, prepared, watch);
      }
      requireGood(progress, watch);
      return progress;
    }
  }

  private void run(BuildCall build, Path context, Prepared prepared, StepWatch watch)
      throws IOException, InterruptedException {
    try {
      build.run(
          context,
          PREPARED,
          tagged(),
          prepared.arguments(config.proxies()),
          config.limits().memory());
    } catch (IOException | RuntimeException e) {
      if (!killed && watch.verdict().isEmpty()) {
        throw e;
      }
      log.debug("build {} was stopped: {}", request.build(), e.toString());
    }
  }

  /// A build call that was left ends as a good one does.
  private void requireGood(Progress progress, StepWatch watch) throws IOException, BuildRefused {
    if (killed) {
      throw stopped(progress.tail());
    }
    var verdict = watch.last();
    if (verdict.isPresent()) {
      throw new BuildRefused(verdict.get());
    }
    if (progress.error().isPresent()) {
      throw new BuildRefused(StepFailure.read(progress, ranOutOfMemory(), config.limits()));
    }
  }

  private String name() {
    return config.registry() + "/" + request.repository();
  }

  /// This build's alone, so that no earlier image can be meant.
  private String tagged() {
    return name() + ":" + request.build();
  }

  /// The files that the build gets, with the prepared Dockerfile hidden among them.
  private Path context(Prepared prepared) throws IOException {
    var said = IgnoreFile.text(workspace());
    var rules =
        IgnoreRules.parse(
            new String(said.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    // The engine removes what this file names before the first step, if it is one of these two.
    var hiding = said + (said.isEmpty() ? IgnoreFile.NAME : "") + "\n" + PREPARED + "\n";
    return LayerTar.named("context")
        .tree(workspace(), "", Owner.ROOT, path -> !rules.ignores(path))
        .file(IgnoreFile.NAME, hiding.getBytes(StandardCharsets.ISO_8859_1), 0644, Owner.ROOT)
        .file(PREPARED, prepared.text().getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT)
        .write(folder.resolve("context"))
        .tar();
  }

  private EngineImage push() throws IOException, InterruptedException, BuildRefused {
    var digest = engine.push(name(), request.build());
    Failpoint.DOCKERFILE_PUSHED.pass();
    return exporter.adopt(request.repository(), digest, Mark.NAMES);
  }

  /// The images that the next build may take steps from.
  private Set<String> remember(Progress progress) {
    var used = new HashSet<String>();
    try {
      mark.nameOnly(engine, tagged());
      for (var image : mark.images(engine)) {
        if (progress.images().stream().anyMatch(at -> image.getId().startsWith("sha256:" + at))) {
          used.add(image.getId());
        }
      }
      kept.keep(request.stackId(), used);
      Failpoint.DOCKERFILE_CACHED.pass();
    } catch (IOException | RuntimeException e) {
      log.warn("the steps of {} will not be cached: {}", mark, e.toString());
    }
    return used;
  }

  private void clear(Set<String> keptImages) {
    try {
      removeContainers();
      mark.removeImagesBut(engine, keptImages);
    } catch (RuntimeException e) {
      log.warn("images of {} stay for now: {}", mark, e.toString());
    }
  }

  private void removeContainers() {
    mark.containers(engine).forEach(container -> engine.remove(container.getId()));
  }

  private BuildRefused stopped(List<String> tail) {
    return late
        ? new BuildRefused(
            new Diagnosis.TimedOut("the build", config.limits().time().toSeconds(), tail))
        : BuildRefused.because("the build was stopped", "push again");
  }

  private boolean ranOutOfMemory() {
    return mark.containers(engine).stream().map(Container::getId).anyMatch(this::ranOutOfMemory);
  }

  private boolean ranOutOfMemory(String container) {
    try {
      var state = engine.calls().inspectContainerCmd(container).exec().getState();
      return state != null && Boolean.TRUE.equals(state.getOOMKilled());
    } catch (DockerException e) {
      log.debug("container {} cannot be asked: {}", container, e.getMessage());
      return false;
    }
  }

  private void expire() {
    late = true;
    kill();
  }

  @Override
  public void kill() {
    killed = true;
    ending.now();
  }

  private void stop() {
    bases.stop();
    call.ifPresent(BuildCall::close);
    try {
      mark.containers(engine).forEach(container -> engine.kill(container.getId()));
    } catch (RuntimeException e) {
      log.warn("containers of {} go when the build is closed: {}", mark, e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    ending.over();
    try {
      removeContainers();
    } catch (RuntimeException e) {
      log.warn("containers of {} stay till the next start: {}", mark, e.getMessage());
    }
    network.close();
    images.close();
    onClose.run();
    WorkFolders.delete(folder);
  }
}
