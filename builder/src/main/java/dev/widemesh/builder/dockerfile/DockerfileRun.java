package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build with a Dockerfile: prepare, build in the engine, push, and keep what is of use to the
/// next one.
public final class DockerfileRun implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DockerfileRun.class);
  private static final String PREPARED = ".widemesh-dockerfile";
  private static final String IGNORE = ".dockerignore";
  private static final String TAG = "built";
  private static final long MOST_RULES = 100_000;

  private final LifecycleConfig config;
  private final Engine engine;
  private final ImageExporter exporter;
  private final DockerfileRequest request;
  private final Path folder;
  private final Consumer<Draft> output;
  private final Runnable onClose;
  private final Mark mark;
  private volatile Optional<BuildCall> call = Optional.empty();
  private volatile boolean killed;
  private volatile boolean late;

  DockerfileRun(
      LifecycleConfig config,
      Engine engine,
      ImageExporter exporter,
      DockerfileRequest request,
      Path folder,
      Consumer<Draft> output,
      Runnable onClose)
      throws IOException {
    this.config = config;
    this.engine = engine;
    this.exporter = exporter;
    this.request = request;
    this.folder = folder;
    this.output = output;
    this.onClose = onClose;
    this.mark = new Mark(engine.platform(), request.stackId());
    Files.createDirectories(workspace());
  }

  /// Empty, to be filled before [#build].
  public Path workspace() {
    return folder.resolve("workspace");
  }

  /// The image in the registry.
  public EngineImage build() throws IOException, InterruptedException, BuildRefused {
    engine.ensureNetwork();
    var dockerfile = Dockerfile.parse(request.dockerfile());
    var images = new EngineImages(engine, request.bases());
    var prepared = Preparation.of(dockerfile, request.offered(), images, mark.labels());
    var before = ids(mark);
    var progress = build(prepared);
    if (progress.error().isPresent() || killed) {
      var refusal = refusal(progress);
      clear(before);
      throw refusal;
    }
    var image = push();
    clear(used(progress));
    return image;
  }

  private Progress build(Prepared prepared) throws IOException, InterruptedException, BuildRefused {
    var context = context(prepared);
    try (var watch = new StepWatch(engine, mark, config.limits(), this::stop);
        var clock = new ScheduledThreadPoolExecutor(1)) {
      var progress = new Progress(prepared.steps(), output, watch::signal);
      call = Optional.of(new BuildCall(engine, progress));
      var alarm =
          clock.schedule(this::expire, config.limits().time().toSeconds(), TimeUnit.SECONDS);
      if (!killed) {
        run(call.get(), context, prepared, watch);
      }
      alarm.cancel(false);
      if (watch.wroteTooMuch()) {
        throw new BuildRefused(
            new Diagnosis.BuildFailed(
                "the build wrote more than %d GB"
                    .formatted(config.limits().written() / 1_000_000_000),
                progress.tail(),
                "make the build write less"));
      }
      return progress;
    }
  }

  private void run(BuildCall build, Path context, Prepared prepared, StepWatch watch)
      throws IOException, InterruptedException {
    try {
      build.run(
          context, PREPARED, name() + ":" + TAG, arguments(prepared), config.limits().memory());
    } catch (IOException | RuntimeException e) {
      if (!killed && !watch.wroteTooMuch()) {
        throw e;
      }
      log.debug("build {} was stopped: {}", request.build(), e.toString());
    }
  }

  /// With the proxies, which Docker knows as arguments that need no ARG and leave no trace.
  private Map<String, String> arguments(Prepared prepared) {
    var all = new TreeMap<String, String>();
    config
        .proxies()
        .forEach(
            (name, value) -> {
              all.put(name.toUpperCase(Locale.ROOT), value);
              all.put(name.toLowerCase(Locale.ROOT), value);
            });
    all.putAll(prepared.arguments());
    return all;
  }

  private String name() {
    return config.registry() + "/" + request.repository();
  }

  /// The files that the build gets, with the prepared Dockerfile hidden among them.
  private Path context(Prepared prepared) throws IOException {
    var ignore = workspace().resolve(IGNORE);
    var said =
        Files.isRegularFile(ignore, LinkOption.NOFOLLOW_LINKS) && Files.size(ignore) < MOST_RULES
            ? Files.readString(ignore, StandardCharsets.ISO_8859_1)
            : "";
    var rules =
        IgnoreRules.parse(
            new String(said.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    // The engine removes what this file names before the first step, if it is one of these two.
    var hiding = said + (said.isEmpty() ? IGNORE : "") + "\n" + PREPARED + "\n";
    return LayerTar.named("context")
        .tree(workspace(), "", Owner.ROOT, path -> !rules.ignores(path))
        .file(IGNORE, hiding.getBytes(StandardCharsets.ISO_8859_1), 0644, Owner.ROOT)
        .file(PREPARED, prepared.text().getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT)
        .write(folder.resolve("context"))
        .tar();
  }

  private EngineImage push() throws IOException, InterruptedException, BuildRefused {
    engine.push(name(), TAG);
    return exporter.adopt(request.repository(), TAG, Mark.NAMES);
  }

  private Set<String> used(Progress progress) {
    var used = new HashSet<String>();
    for (var id : ids(mark)) {
      if (progress.images().stream().anyMatch(start -> id.startsWith("sha256:" + start))) {
        used.add(id);
      }
    }
    return used;
  }

  private Set<String> ids(Mark marked) {
    return marked.images(engine).stream().map(Image::getId).collect(Collectors.toSet());
  }

  private void clear(Set<String> keptImages) {
    try {
      removeContainers();
      mark.removeImagesBut(engine, keptImages);
    } catch (DockerException e) {
      log.warn("images of {} stay for now: {}", mark, e.getMessage());
    }
  }

  private void removeContainers() {
    mark.containers(engine).forEach(container -> engine.remove(container.getId()));
  }

  private BuildRefused refusal(Progress progress) {
    if (late) {
      return new BuildRefused(
          new Diagnosis.TimedOut("the build", config.limits().time().toSeconds(), progress.tail()));
    }
    return killed
        ? BuildRefused.because("the build was stopped", "push again")
        : new BuildRefused(StepFailure.read(progress, ranOutOfMemory(), config.limits()));
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

  /// Ends all that runs, from any thread.
  public void kill() {
    killed = true;
    stop();
  }

  private void stop() {
    call.ifPresent(BuildCall::close);
    mark.containers(engine).forEach(container -> engine.kill(container.getId()));
  }

  @Override
  public void close() throws IOException {
    try {
      removeContainers();
    } catch (DockerException e) {
      log.warn("containers of {} stay till the next start: {}", mark, e.getMessage());
    }
    onClose.run();
    WorkFolders.delete(folder);
  }
}
