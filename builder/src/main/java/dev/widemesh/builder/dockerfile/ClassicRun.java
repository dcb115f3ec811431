package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import dev.widemesh.builder.dockerfile.Preparation.Prepared;
import dev.widemesh.builder.image.EngineImage;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build with a Dockerfile by the engine: prepare, build in the engine, push, and keep what is
/// of use to the next one.
final class ClassicRun implements DockerfileRun {
  private static final Logger log = LoggerFactory.getLogger(ClassicRun.class);
  private static final String PREPARED = ".widemesh-dockerfile";

  private final DockerfileTask task;
  private final KeptImages kept;
  private final Engine engine;
  private final Mark mark;
  private final StoppableImages bases;
  private final Ending ending;
  private volatile Optional<BuildCall> call = Optional.empty();

  ClassicRun(DockerfileTask task, KeptImages kept) {
    this.task = task;
    this.kept = kept;
    this.engine = task.engine();
    this.mark = task.mark();
    this.bases = new StoppableImages(task.images(), engine.root());
    this.ending = new Ending(task.limits().time(), this::stop);
  }

  @Override
  public Path workspace() {
    return task.workspace();
  }

  @Override
  public EngineImage build() throws IOException, InterruptedException, BuildRefused {
    var cache = kept.of(task.stack());
    try {
      // Pulls of base images take from the time too.
      var progress = ending.inTime(() -> build(prepare()));
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
    return task.images().digest();
  }

  @Override
  public Map<String, String> bases() {
    return task.images().digests();
  }

  private Prepared prepare() throws IOException, InterruptedException, BuildRefused {
    return ending.unlessStopped(
        () -> Preparation.of(task.dockerfile(), task.request().offered(), bases, mark.labels()));
  }

  private Progress build(Prepared prepared) throws IOException, InterruptedException, BuildRefused {
    var context = context(prepared);
    var progress = new Progress(prepared.steps(), task.output());
    var limits = task.limits();
    var written = new WrittenBytes(engine, mark, limits.written());
    try (var build = new BuildCall(engine, task.network().ensured(), progress);
        var watch = new StepWatch(engine, mark, limits, progress, written, ending::now)) {
      call = Optional.of(build);
      if (!ending.isStopped()) {
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
          prepared.arguments(task.config().proxies()),
          task.limits().memory());
    } catch (IOException | RuntimeException e) {
      if (!ending.isStopped() && watch.verdict().isEmpty()) {
        throw e;
      }
      log.debug("build {} was stopped: {}", task.request().build(), e.toString());
    }
  }

  /// A build call that was left ends as a good one does.
  private void requireGood(Progress progress, StepWatch watch) throws IOException, BuildRefused {
    if (ending.isStopped()) {
      throw ending.refusal(progress.tail());
    }
    var verdict = watch.last();
    if (verdict.isPresent()) {
      throw new BuildRefused(verdict.get());
    }
    if (progress.error().isPresent()) {
      throw new BuildRefused(StepFailure.read(progress, ranOutOfMemory(), task.limits()));
    }
  }

  private String name() {
    return task.config().registry() + "/" + task.request().repository();
  }

  /// This build's alone, so that no earlier image can be meant.
  private String tagged() {
    return name() + ":" + task.request().build();
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
        .write(task.folder().resolve("context"))
        .tar();
  }

  private EngineImage push() throws IOException, InterruptedException, BuildRefused {
    var digest = engine.push(name(), task.request().build());
    Failpoint.DOCKERFILE_PUSHED.pass();
    return task.adopted(digest);
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
      kept.keep(task.stack(), used);
      Failpoint.DOCKERFILE_CACHED.pass();
    } catch (IOException | RuntimeException e) {
      log.warn("the steps of {} will not be cached: {}", mark, e.toString());
    }
    return used;
  }

  private void clear(Set<String> keptImages) {
    try {
      task.removeContainers();
      mark.removeImagesBut(engine, keptImages);
    } catch (RuntimeException e) {
      log.warn("images of {} stay for now: {}", mark, e.toString());
    }
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

  @Override
  public void kill() {
    ending.stop();
  }

  private void stop() {
    bases.stop();
    call.ifPresent(BuildCall::close);
    task.killContainers();
  }

  @Override
  public void close() throws IOException {
    ending.over();
    task.close();
  }
}
