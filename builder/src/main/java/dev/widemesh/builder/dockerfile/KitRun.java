package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.dockerfile.BuildKit.Kit;
import dev.widemesh.builder.dockerfile.Preparation.Prepared;
import dev.widemesh.builder.image.EngineImage;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.WorkFolders;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Failpoint;
import dev.widemesh.model.Strain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build with a Dockerfile by BuildKit: a daemon of its own that ends with it, base images as
/// files, and an image as files that we push.
final class KitRun implements DockerfileRun {
  private static final Logger log = LoggerFactory.getLogger(KitRun.class);

  private static final long KEPT_BYTES = 3_000_000_000L;

  private final LifecycleConfig config;
  private final Engine engine;
  private final ImageExporter exporter;
  private final BuildKit buildKit;
  private final KitCaches caches;
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
  private volatile Optional<KitContainer> container = Optional.empty();
  private volatile boolean killed;
  private volatile boolean late;
  private boolean pruned;
  private boolean good;

  KitRun(
      LifecycleConfig config,
      Engine engine,
      ImageExporter exporter,
      BuildKit buildKit,
      KitCaches caches,
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
    this.buildKit = buildKit;
    this.caches = caches;
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
    var kit = kit();
    try (var clock = new ScheduledThreadPoolExecutor(1)) {
      var alarm =
          clock.schedule(this::expire, config.limits().time().toMillis(), TimeUnit.MILLISECONDS);
      try {
        build(kit);
      } finally {
        alarm.cancel(false);
      }
    }
    Failpoint.DOCKERFILE_BUILT.pass();
    var digest = exporter.bring(request.repository(), out().resolve("image"));
    Failpoint.DOCKERFILE_PUSHED.pass();
    return exporter.adopt(request.repository(), digest, Mark.NAMES);
  }

  private Kit kit() throws IOException, InterruptedException, BuildRefused {
    var needing = dockerfile.beyondClassic().orElseThrow();
    try {
      return buildKit.get(line -> output.accept(Draft.detail(line)), () -> killed);
    } catch (BuildKit.Missing e) {
      throw killed
          ? stopped(List.of())
          : needing.needsBuildKit(needing.beyondClassic().orElseThrow(), e.why());
    }
  }

  private void build(Kit kit) throws IOException, InterruptedException, BuildRefused {
    var named = new KitBases(bases);
    var prepared = prepare(named);
    var folders =
        new KitContainer.Folders(
            kit.programs(),
            caches.state(request.stackId()),
            caches.bases(request.stackId()),
            KitContext.of(folder.resolve("context"), prepared.text(), workspace()).folder(),
            out());
    var words =
        KitWords.build(layouts(named), prepared.arguments(config.proxies()), prepared.secrets());
    var progress = new KitProgress(output);
    folders.hand();
    try (var watch =
        new KitWatch(
            List.of(folders.state(), folders.out()),
            config.limits(),
            progress,
            () -> container.map(KitContainer::strain).orElse(Strain.NONE),
            () -> container.map(KitContainer::unlinked).orElse(OpenFiles.Sum.NONE),
            ending::now)) {
      run(kit, folders, words, prepared, progress, watch);
    } finally {
      tidy();
    }
  }

  /// What was not cut down is counted, and what is nested too deep to be counted goes.
  private void tidy() {
    try {
      if (!good || !pruned) {
        caches.bound(request.stackId(), pruned ? Long.MAX_VALUE : KEPT_BYTES);
      }
      caches.touch(request.stackId());
    } catch (IOException e) {
      log.warn("BuildKit's cache of {} stays as it is for now: {}", mark, e.toString());
    }
  }

  private void run(
      Kit kit,
      KitContainer.Folders folders,
      List<String> words,
      Prepared prepared,
      KitProgress progress,
      KitWatch watch)
      throws IOException, InterruptedException, BuildRefused {
    try (var daemon = start(kit, folders, watch)) {
      container = Optional.of(daemon);
      var code = asked(daemon, words, environment(prepared), progress, watch);
      var strain = watch.strain();
      var isOutOfMemory = code != 0 && (strain.kills() > 0 || daemon.ranOutOfMemory());
      prune(daemon, watch);
      daemon.kill(); // so that what is read from here on is what was counted
      requireGood(code, isOutOfMemory, progress, watch);
      good = true;
    } catch (BuildRefused e) {
      if (watch.verdict().isPresent()) {
        caches.drop(request.stackId());
      }
      throw e;
    }
  }

  private boolean isOver(KitWatch watch) {
    return killed || watch.verdict().isPresent();
  }

  /// Whoever ends the daemon meanwhile has said why.
  private int asked(
      KitContainer daemon,
      List<String> words,
      List<String> environment,
      KitProgress progress,
      KitWatch watch)
      throws IOException, InterruptedException {
    try {
      return isOver(watch) ? 1 : daemon.ask(words, environment, progress);
    } catch (IOException e) {
      if (isOver(watch) || daemon.ranOutOfMemory()) {
        return 1;
      }
      throw e;
    }
  }

  /// After a build that failed too: its steps are kept as well.
  private void prune(KitContainer daemon, KitWatch watch) throws InterruptedException {
    try {
      pruned =
          !isOver(watch)
              && daemon.ask(KitWords.prune(KEPT_BYTES), List.of(), line -> log.debug("{}", line))
                  == 0
              && !isOver(watch);
    } catch (IOException e) {
      log.debug("what BuildKit keeps is counted instead: {}", e.getMessage());
    }
  }

  /// A state that a killed daemon left damaged must not stop the stack for ever.
  private KitContainer start(Kit kit, KitContainer.Folders folders, KitWatch watch)
      throws IOException, InterruptedException, BuildRefused {
    try {
      return started(kit, folders);
    } catch (IOException e) {
      if (killed) {
        throw stopped(List.of());
      }
      if (watch.verdict().isPresent()) {
        throw new BuildRefused(watch.verdict().get());
      }
      log.warn("BuildKit starts again, with nothing cached: {}", e.getMessage());
      WorkFolders.delete(folders.state());
      return started(kit, folders);
    }
  }

  private KitContainer started(Kit kit, KitContainer.Folders folders)
      throws IOException, InterruptedException {
    return KitContainer.start(
        engine, kit.image(), request, mark, network.ensured(), folders, config.limits());
  }

  private void requireGood(int code, boolean isOutOfMemory, KitProgress progress, KitWatch watch)
      throws IOException, BuildRefused {
    var verdict = watch.last();
    if (killed) {
      throw stopped(progress.tail());
    }
    if (verdict.isPresent()) {
      throw new BuildRefused(verdict.get());
    }
    if (code != 0) {
      throw new BuildRefused(
          StepFailure.read(
              progress.error(),
              at(progress.failedLine()),
              progress.tail(),
              isOutOfMemory,
              config.limits()));
    }
  }

  private Optional<Instruction> at(int line) {
    return dockerfile.instructions().stream().filter(each -> each.line() == line).findFirst();
  }

  private Prepared prepare(KitBases named) throws IOException, InterruptedException, BuildRefused {
    try {
      return Preparation.forBuildKit(dockerfile, request.offered(), named);
    } catch (BuildRefused e) {
      throw killed ? stopped(List.of()) : e;
    }
  }

  /// The digest of each base image's manifest by its id.
  private Map<String, String> layouts(KitBases named)
      throws IOException, InterruptedException, BuildRefused {
    try {
      return bases.unlessStopped(() -> written(named));
    } catch (BuildRefused e) {
      throw killed ? stopped(List.of()) : e;
    }
  }

  /// Those of earlier builds go.
  private Map<String, String> written(KitBases named) throws IOException, BuildRefused {
    var all = Files.createDirectories(caches.bases(request.stackId()));
    var room = new KitRoom(all, config.limits().written());
    try (var there = Files.list(all)) {
      for (var old : there.toList()) {
        if (!named.ids().contains(String.valueOf(old.getFileName()))) {
          WorkFolders.delete(old);
        }
      }
    }
    var digests = new TreeMap<String, String>();
    for (var id : named.ids()) {
      digests.put(id, new KitBase(all, id).ensured(engine, room));
    }
    return digests;
  }

  private List<String> environment(Prepared prepared) throws IOException, BuildRefused {
    if (prepared.secrets().isEmpty()) {
      return List.of();
    }
    var values = request.secrets().values(prepared.secrets());
    var all = new ArrayList<String>();
    for (var name : prepared.secrets()) {
      var value = values.get(name);
      if (value == null) {
        throw BuildRefused.because(
            "the Dockerfile mounts the secret %s, which the stack does not have".formatted(name),
            "set it: mesh config set --secret " + name);
      }
      all.add(KitWords.SECRET + name + "=" + value);
    }
    return all;
  }

  private Path out() {
    return folder.resolve("out");
  }

  @Override
  public Optional<String> origin() {
    return images.digest();
  }

  @Override
  public Map<String, String> bases() {
    return images.digests();
  }

  private BuildRefused stopped(List<String> tail) {
    return late
        ? new BuildRefused(
            new Diagnosis.TimedOut("the build", config.limits().time().toSeconds(), tail))
        : BuildRefused.because("the build was stopped", "push again");
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
    container.ifPresent(KitContainer::kill);
    try {
      mark.containers(engine).forEach(started -> engine.kill(started.getId()));
    } catch (RuntimeException e) {
      log.warn("containers of {} go when the build is closed: {}", mark, e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    ending.over();
    try {
      mark.containers(engine).forEach(left -> engine.remove(left.getId()));
    } catch (RuntimeException e) {
      log.warn("containers of {} stay till the next start: {}", mark, e.getMessage());
    }
    network.close();
    images.close();
    onClose.run();
    WorkFolders.delete(folder);
  }
}
