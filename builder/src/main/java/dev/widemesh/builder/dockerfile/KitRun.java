package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.dockerfile.BuildKit.Kit;
import dev.widemesh.builder.dockerfile.Preparation.Prepared;
import dev.widemesh.builder.image.EngineImage;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.WorkFolders;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build with a Dockerfile by BuildKit: a daemon of its own that ends with it, base images as
/// files, and an image as files that we push.
final class KitRun implements DockerfileRun {
  private static final Logger log = LoggerFactory.getLogger(KitRun.class);

  private static final long KEPT_BYTES = 3_000_000_000L;

  private final DockerfileTask task;
  private final BuildKit buildKit;
  private final KitCaches caches;
  private final StoppableImages bases;
  private final Ending ending;
  private volatile Optional<KitContainer> container = Optional.empty();
  private boolean pruned;
  private boolean good;

  KitRun(DockerfileTask task, BuildKit buildKit, KitCaches caches) {
    this.task = task;
    this.buildKit = buildKit;
    this.caches = caches;
    this.bases = new StoppableImages(task.images(), task.engine().root());
    this.ending = new Ending(task.limits().time(), this::stop);
  }

  @Override
  public Path workspace() {
    return task.workspace();
  }

  @Override
  public EngineImage build() throws IOException, InterruptedException, BuildRefused {
    var kit = kit();
    var image = ending.inTime(() -> built(kit));
    Failpoint.DOCKERFILE_BUILT.pass();
    var digest = task.exporter().bring(task.request().repository(), image);
    Failpoint.DOCKERFILE_PUSHED.pass();
    return task.adopted(digest);
  }

  private Kit kit() throws IOException, InterruptedException, BuildRefused {
    var needing = task.dockerfile().beyondClassic().orElseThrow();
    try {
      return buildKit.get(line -> task.output().accept(Draft.detail(line)), ending::isStopped);
    } catch (BuildKit.Missing e) {
      throw ending.isStopped()
          ? ending.refusal(List.of())
          : needing.needsBuildKit(needing.beyondClassic().orElseThrow(), e.why());
    }
  }

  /// The folder that the image is in.
  private Path built(Kit kit) throws IOException, InterruptedException, BuildRefused {
    var named = new KitBases(bases);
    var prepared = prepare(named);
    var folders =
        new KitContainer.Folders(
            kit.programs(),
            caches.state(task.stack()),
            caches.bases(task.stack()),
            KitContext.of(task.folder().resolve("context"), prepared.text(), workspace()).folder(),
            out());
    var words =
        KitWords.build(
            layouts(named), prepared.arguments(task.config().proxies()), prepared.secrets());
    var progress = new KitProgress(task.output());
    folders.hand();
    try (var watch =
        new KitWatch(
            List.of(folders.state(), folders.out()),
            task.limits(),
            progress,
            () -> container.map(KitContainer::strain).orElse(Strain.NONE),
            () -> container.map(KitContainer::unlinked).orElse(OpenFiles.Sum.NONE),
            ending::now)) {
      run(kit, folders, words, prepared, progress, watch);
      return folders.out().resolve("image");
    } finally {
      tidy();
    }
  }

  /// What was not cut down is counted, and what is nested too deep to be counted goes.
  private void tidy() {
    try {
      if (!good || !pruned) {
        caches.bound(task.stack(), pruned ? Long.MAX_VALUE : KEPT_BYTES);
      }
      caches.touch(task.stack());
    } catch (IOException e) {
      log.warn("BuildKit's cache of {} stays as it is for now: {}", task.mark(), e.toString());
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
        caches.drop(task.stack());
      }
      throw e;
    }
  }

  private boolean isOver(KitWatch watch) {
    return ending.isStopped() || watch.verdict().isPresent();
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
      if (ending.isStopped()) {
        throw ending.refusal(List.of());
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
    var place =
        new KitContainer.Place(
            task.request().build(), task.mark(), kit.image(), task.network().ensured(), folders);
    return KitContainer.start(task.engine(), place, task.limits());
  }

  private void requireGood(int code, boolean isOutOfMemory, KitProgress progress, KitWatch watch)
      throws IOException, BuildRefused {
    var verdict = watch.last();
    if (ending.isStopped()) {
      throw ending.refusal(progress.tail());
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
              task.limits()));
    }
  }

  private Optional<Instruction> at(int line) {
    return task.dockerfile().instructions().stream()
        .filter(each -> each.line() == line)
        .findFirst();
  }

  private Prepared prepare(KitBases named) throws IOException, InterruptedException, BuildRefused {
    return ending.unlessStopped(
        () -> Preparation.forBuildKit(task.dockerfile(), task.request().offered(), named));
  }

  /// The digest of each base image's manifest by its id.
  private Map<String, String> layouts(KitBases named)
      throws IOException, InterruptedException, BuildRefused {
    return ending.unlessStopped(() -> bases.unlessStopped(() -> written(named)));
  }

  /// Those of earlier builds go.
  private Map<String, String> written(KitBases named) throws IOException, BuildRefused {
    var all = Files.createDirectories(caches.bases(task.stack()));
    var room = new KitRoom(all, task.limits().written());
    try (var there = Files.list(all)) {
      for (var old : there.toList()) {
        if (!named.ids().contains(String.valueOf(old.getFileName()))) {
          WorkFolders.delete(old);
        }
      }
    }
    var digests = new TreeMap<String, String>();
    for (var id : named.ids()) {
      digests.put(id, new KitBase(all, id).ensured(task.engine(), room));
    }
    return digests;
  }

  private List<String> environment(Prepared prepared) throws IOException, BuildRefused {
    if (prepared.secrets().isEmpty()) {
      return List.of();
    }
    var values = task.request().secrets().values(prepared.secrets());
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
    return task.folder().resolve("out");
  }

  @Override
  public Optional<String> origin() {
    return task.images().digest();
  }

  @Override
  public Map<String, String> bases() {
    return task.images().digests();
  }

  @Override
  public void kill() {
    ending.stop();
  }

  private void stop() {
    bases.stop();
    container.ifPresent(KitContainer::kill);
    task.killContainers();
  }

  @Override
  public void close() throws IOException {
    ending.over();
    task.close();
  }
}
