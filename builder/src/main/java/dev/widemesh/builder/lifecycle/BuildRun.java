package dev.widemesh.builder.lifecycle;

import com.github.dockerjava.api.exception.DockerException;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.lifecycle.ExportPhase.Finished;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Strain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build with buildpacks: detect, restore, build, assemble; and after the image was pushed,
/// keep the layers for the next one.
public final class BuildRun implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BuildRun.class);
  private static final Duration START = Duration.ofMinutes(6);
  private static final Target TARGET =
      new Target("linux", Architecture.ofHost(), List.of(new Target.Distribution("debian", "13")));
  private static final Duration DETECT = Duration.ofMinutes(1);

  private final LifecycleConfig config;
  private final Engine engine;
  private final Catalogue catalogue;
  private final Cleaning cleaning;
  private final CacheHold hold;
  private final BuildRequest request;
  private final WorkFolders work;
  private final Transcript transcript;
  private final Consumer<Draft> output;
  private final Deadline deadline;
  private final FutureTask<BuildContainer> container;
  private final FutureTask<StagedLayers> staged;
  private final BuildWatch watch;
  private final Consumer<String> cleared;
  private volatile boolean killed;
  private volatile boolean ran;
  private List<Contribution> contributions = List.of();
  private List<Finished> finished = List.of();
  private List<Assembly.Used> used = List.of();
  private BuildReads reads = BuildReads.EVERYTHING;
  private CacheIndex restored = CacheIndex.EMPTY;

  BuildRun(
      LifecycleConfig config,
      Engine engine,
      Catalogue catalogue,
      CacheShelf shelf,
      Cleaning cleaning,
      BuildRequest request,
      WorkFolders work,
      Consumer<Draft> output,
      Consumer<String> cleared) {
    this.cleared = cleared;
    this.config = config;
    this.engine = engine;
    this.catalogue = catalogue;
    this.cleaning = cleaning;
    this.hold = shelf.take(request.stackId());
    this.request = request;
    this.work = work;
    this.output = output;
    this.transcript = new Transcript(output);
    this.deadline = Deadline.in(config.limits().time(), InstantSource.system());
    this.container = new FutureTask<>(this::startContainer);
    Thread.ofVirtual().name("build-container").start(container);
    this.staged = new FutureTask<>(this::stage);
    Thread.ofPlatform().daemon().name("build-restore").start(staged);
    this.watch = new BuildWatch(config.limits(), work, transcript, this::strain, this::kill);
    watch.start();
  }

  private StagedLayers stage() throws IOException, InterruptedException {
    return hold.stage(work.staging(), deadline, output);
  }

  private BuildContainer startContainer() throws Exception {
    var image = config.registry() + "/" + request.builder().reference();
    var limits = config.limits();
    var lifetime = limits.time().plus(START);
    var user = HostUser.ofBuilds();
    return BuildContainer.start(
        engine, image, request.build(), sandbox().binds(), user, limits, lifetime);
  }

  private Strain strain() {
    return container.state() == Future.State.SUCCESS ? container.resultNow().strain() : Strain.NONE;
  }

  /// Empty, to be filled before [#build].
  public Path workspace() {
    return work.workspace();
  }

  public Assembly build() throws IOException, InterruptedException, BuildRefused {
    try {
      HostUser.ofBuilds().take(work.workspace());
      var running = container.get(START.toSeconds(), TimeUnit.SECONDS);
      if (killed) {
        throw BuildRefused.because("the build was stopped", "push again");
      }
      return build(running);
    } catch (TimeoutException _) {
      throw new BuildRefused(
          new Diagnosis.TimedOut(
              "the build", config.limits().time().toSeconds(), transcript.tail()));
    } catch (ExecutionException e) {
      throw cannotStart(e.getCause() == null ? e : e.getCause());
    } catch (BuildRefused e) {
      throw watch.verdict().map(BuildRefused::new).orElse(e);
    } catch (DockerException e) {
      throw watch.verdict().map(BuildRefused::new).orElseThrow(() -> e);
    }
  }

  private Assembly build(BuildContainer running)
      throws IOException, InterruptedException, TimeoutException, BuildRefused {
    var clock = new PhaseClock();
    work.hand(request.settings());
    var base = environment();
    var all = Additions.join(catalogue, request.buildpacks(), work);
    reads = BuildReads.of(request, all, TARGET, work.workspace());
    var selection = detect(all, running, base);
    used = used(selection);
    clock.lap("detect");
    for (var buildpack : selection.buildpacks()) {
      // Fails where a link lies in the way, instead of following it.
      HostUser.ofBuilds().take(Files.createDirectory(work.layers().resolve(buildpack.escapedId())));
    }
    restored = staged().place(selection, work.layers());
    clock.lap("restore");
    contributions =
        new BuildPhase(work, transcript, deadline, config.limits(), watch, this::ofLastImage)
            .run(running, selection, base);
    clock.lap("build");
    // Paused now: what is read from here on was counted, however fast it was written.
    watch.requireModest();
    var assembly = assemble(true);
    clock.lap("assemble");
    log.info("build {}: {}", request.build(), clock);
    return assembly;
  }

  private Optional<Path> ofLastImage(Buildpack buildpack, String layer) throws IOException {
    return hold.cache().ofLastImage(restored, buildpack.id(), layer);
  }

  private StagedLayers staged() throws IOException, InterruptedException, TimeoutException {
    try {
      return staged.get(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("cannot restore the layers of before", e.getCause());
    }
  }

  /// Says so where the stack named them.
  private List<Assembly.Used> used(Selection selection) {
    var named = request.buildpacks().stream().map(Addition::reference).toList();
    var all = new ArrayList<Assembly.Used>();
    for (var buildpack : selection.buildpacks()) {
      var origin = buildpack.origin();
      var from = named.contains(buildpack.id()) ? buildpack.id() : origin.reference();
      all.add(
          new Assembly.Used(
              buildpack.id(), buildpack.version(), from, origin.digest(), origin.commit()));
      if (!named.isEmpty()) {
        output.accept(Draft.detail("Buildpack " + buildpack.shown()));
      }
    }
    return all;
  }

  private Sandbox sandbox() {
    var folders =
        new Sandbox.Folders(
            work.workspace(),
            work.layers(),
            work.platform(),
            work.home(),
            work.run(),
            catalogue.folder(),
            work.added());
    var reach = new Reach(config.caBundle(), config.proxies());
    return new Sandbox(folders, reach, config.mirrors());
  }

  private PhaseEnvironment environment() {
    var image = request.builder().config().settings().env();
    return PhaseEnvironment.of(image, sandbox().environment(), request.settings(), TARGET);
  }

  private Selection detect(Catalogue all, BuildContainer running, PhaseEnvironment base)
      throws IOException, InterruptedException, TimeoutException, BuildRefused {
    ran = true;
    var detections = new DetectPhase(all, work, TARGET).run(running, base, DETECT);
    var chosen = Selection.choose(all.groups(), all.known(), detections);
    if (chosen.isPresent()) {
      return chosen.get();
    }
    throw new Undetected(all, detections, TARGET)
        .refusal(!request.buildpacks().isEmpty(), work.workspace());
  }

  /// Once more with every tar written, for a registry that lost what it had.
  public Assembly assembleAfresh() throws IOException, InterruptedException {
    return assemble(false);
  }

  private Assembly assemble(boolean trusting) throws IOException, InterruptedException {
    var phase = new ExportPhase(work, restored, hold.cache().untouched());
    var processes = Processes.merge(contributions.stream().map(Contribution::processes).toList());
    finished = phase.finish(contributions, trusting);
    var sboms = phase.sboms(contributions);
    var app = phase.app(contributions);
    var launcher = phase.launcher(contributions, processes);
    var below = new ArrayList<Layer>();
    finished.forEach(layer -> layer.tar().ifPresent(below::add));
    below.addAll(sboms);
    var labels = Labels.of(request, contributions, finished, processes, sboms, app, launcher);
    return new Assembly(
        below,
        app,
        launcher,
        settings(labels),
        names(true),
        names(false),
        web(processes),
        used,
        reads.patterns(contributions));
  }

  private List<String> names(boolean reused) {
    return finished.stream()
        .filter(layer -> layer.built().launch() && layer.reused() == reused)
        .map(layer -> layer.built().name())
        .toList();
  }

  private List<String> web(List<LaunchProcess> processes) {
    return processes.stream()
        .filter(process -> process.type().equals("web"))
        .findFirst()
        .or(() -> processes.stream().filter(LaunchProcess::isDefault).findFirst())
        .map(process -> needsItsName(process) ? List.of(process.path()) : process.argv())
        .orElse(List.of());
  }

  /// Whether something is set for this type of process alone.
  private boolean needsItsName(LaunchProcess process) {
    return !process.workingDirectory().isEmpty()
        || contributions.stream()
            .flatMap(contribution -> contribution.layers().stream())
            .anyMatch(layer -> layer.launch() && layer.has(process.type()));
  }

  private ImageRecipe.Settings settings(Map<String, String> labels) {
    var path = request.run().config().settings().env().getOrDefault("PATH", "/usr/bin:/bin");
    var env = new TreeMap<String, String>();
    env.put("PATH", "/cnb/process:/cnb/lifecycle:" + path);
    env.put("CNB_LAYERS_DIR", "/layers");
    env.put("CNB_APP_DIR", "/workspace");
    env.put("CNB_PLATFORM_API", "0.13");
    return new ImageRecipe.Settings(
        env, labels, "1000:1000", "/workspace", List.of(LauncherScript.PATH), List.of(), Set.of());
  }

  /// After the push: what the next build of this stack need not make again.
  public void keep() throws IOException {
    hold.keep(
        ExportPhase.bytes(finished, contributions),
        cache -> cache.commit(ExportPhase.keep(cache, finished, contributions)),
        output);
  }

  /// And what is to be known of the image, for [Patching#image].
  public void keepImage(String note) throws IOException {
    hold.keepImage(note);
  }

  /// Ends all that runs, from any thread.
  public void kill() {
    killed = true;
    hold.leave();
    if (container.state() == Future.State.SUCCESS) {
      container.resultNow().kill();
    }
  }

  private static BuildRefused cannotStart(Throwable cause) {
    return cause instanceof BuildRefused refused
        ? refused
        : new BuildRefused(
            new Diagnosis.Platform(
                "the build container does not start",
                List.of(String.valueOf(cause.getMessage())),
                "look at ./widemesh status and at Docker, then push again"));
  }

  /// Removes container and folders, after this returned: nobody need wait for that. Only what still
  /// reads the cache is waited for, at most some seconds.
  @Override
  public void close() {
    watch.close();
    hold.leave();
    awaitStaging();
    cleaning.start("build " + request.build(), this::clear);
  }

  private void clear() throws IOException, InterruptedException {
    try {
      new Clearing(hold, work, work.staging()).run(this::hasEnded, ran);
    } finally {
      cleared.accept(request.build());
    }
  }

  private boolean hasEnded() throws InterruptedException {
    try {
      return container.get(START.toSeconds(), TimeUnit.SECONDS).end();
    } catch (ExecutionException e) {
      log.debug("build {} has no container to remove: {}", request.build(), e.toString());
      return true; // no program of the build was ever started
    } catch (TimeoutException _) {
      log.warn("the container of build {} neither starts nor fails", request.build());
      return false;
    }
  }

  private void awaitStaging() {
    try {
      var _ = staged.get(START.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.debug("build {} restored nothing: {}", request.build(), e.toString());
    }
  }
}
