package dev.widemesh.builder.lifecycle;

import com.github.dockerjava.api.exception.DockerException;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.image.LayoutImage;
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
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One build with a builder's own lifecycle, which does all phases in one program: in our
/// container, without a registry, a login or a socket. It reads the run image from a folder and
/// writes the app's to another; what lies there is believed no more than a pushed pack.
public final class CreatorRun implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(1);
  private static final String HOME = "/home/widemesh";
  private static final String HOST = "images.invalid";
  static final String LAYOUT = "/layout/" + HOST;
  private static final String RUN = "run";
  private static final String PREVIOUS = "previous";
  private static final String APP = "app";
  private static final String TAG = "now";

  private final LifecycleConfig config;
  private final Engine engine;
  private final ImageExporter images;
  private final CacheHold hold;
  private final Cleaning cleaning;
  private final CreatorRequest request;
  private final WorkFolders work;
  private final HostUser user;
  private final Transcript transcript;
  private final Consumer<Draft> output;
  private final Deadline deadline;
  private final BuildWatch watch;
  private final Consumer<String> cleared;
  private volatile Optional<BuildContainer> container = Optional.empty();
  private volatile boolean killed;
  private volatile boolean ran;

  CreatorRun(
      LifecycleConfig config,
      Engine engine,
      ImageExporter images,
      CacheShelf shelf,
      Cleaning cleaning,
      CreatorRequest request,
      WorkFolders work,
      Consumer<Draft> output,
      Consumer<String> cleared)
      throws IOException {
    this.config = config;
    this.engine = engine;
    this.images = images;
    this.hold = shelf.take(request.stackId());
    this.cleaning = cleaning;
    this.request = request;
    this.work = work;
    this.user = request.builder().user();
    this.output = output;
    this.transcript = new Transcript(output);
    this.deadline = Deadline.in(config.limits().time(), InstantSource.system());
    this.cleared = cleared;
    this.watch = new BuildWatch(config.limits(), work, transcript, this::strain, this::kill);
  }

  /// What the lifecycle made: the layers on top of the run image's, and what the image says.
  public record Created(List<Layer> layers, ImageRecipe.Settings settings, BuildMetadata metadata) {
    public Created {
      layers = List.copyOf(layers);
    }
  }

  /// Empty, to be filled before [#build].
  public Path workspace() {
    return work.workspace();
  }

  public Created build() throws IOException, InterruptedException, BuildRefused {
    try {
      prepare();
      create(start());
      return read();
    } catch (TimeoutException _) {
      throw new BuildRefused(
          new Diagnosis.TimedOut(
              "the build", config.limits().time().toSeconds(), transcript.tail()));
    } catch (BuildRefused e) {
      throw watch.verdict().map(BuildRefused::new).orElse(e);
    } catch (DockerException e) {
      throw watch.verdict().map(BuildRefused::new).orElseThrow(() -> e);
    }
  }

  private void prepare() throws IOException, InterruptedException {
    work.hand(variables());
    Files.writeString(users(), accounts());
    lay(RUN, request.run().reference(), Set.of());
    if (request.previous().isPresent()) {
      var previous = request.previous().get();
      lay(PREVIOUS, previous.reference(), previous.bill().stream().collect(Collectors.toSet()));
    }
    user.take(work.layout());
    user.take(work.workspace());
    var _ = hold.restoreWhole(owner(), work.cache(), user, deadline, output);
  }

  /// So that programs find a home that they can write to, whoever the builder lets them be.
  private String accounts() {
    return """
    root:x:0:0:root:/root:/bin/sh
    nobody:x:65534:65534:nobody:/nonexistent:/bin/false
    build:x:%d:%d:build:%s:/bin/sh
    """
        .formatted(user.uid(), user.gid(), HOME);
  }

  /// The user's, and what leads to the network: a lifecycle hands on what lies in files only.
  private Map<String, String> variables() {
    var all = new TreeMap<>(request.settings());
    all.putAll(reach().environment());
    return all;
  }

  private void lay(String name, String reference, Set<String> wanted) throws IOException {
    var folder = Files.createDirectories(work.layout().resolve(HOST).resolve(name).resolve(TAG));
    images.lay(reference, folder, wanted);
  }

  private Path users() {
    return work.root().resolve("passwd");
  }

  private String owner() {
    return "builder " + request.builder().name();
  }

  private Reach reach() {
    return new Reach(config.caBundle(), config.proxies());
  }

  private BuildContainer start() throws IOException, InterruptedException, BuildRefused {
    var lifetime = config.limits().time().plus(START);
    var image = request.builder().image();
    var started =
        BuildContainer.start(
            engine, image, request.build(), binds(), user, config.limits(), lifetime);
    container = Optional.of(started);
    watch.start();
    if (killed) {
      throw BuildRefused.because("the build was stopped", "push again");
    }
    return started;
  }

  private List<String> binds() {
    var own =
        Stream.of(
            work.workspace() + ":/workspace",
            work.layers() + ":/layers",
            work.platform() + ":/platform:ro",
            work.home() + ":" + HOME,
            work.run() + ":/exporting",
            work.cache() + ":/cache",
            work.layout() + ":/layout",
            users() + ":/etc/passwd:ro");
    return Stream.concat(own, reach().binds().stream()).toList();
  }

  private void create(BuildContainer running)
      throws IOException, InterruptedException, TimeoutException, BuildRefused {
    var output = new CreatorOutput(transcript);
    ran = true;
    var code = running.run(words(), environment(), output, deadline.left());
    if (killed && watch.verdict().isEmpty()) {
      throw BuildRefused.because("the build was stopped", "push again");
    }
    if (code != 0) {
      var failure =
          new FailureReader.Failure(
              request.builder().name(),
              code,
              transcript.tail(),
              transcript.refusals(),
              watch.strain(),
              DiskSpace.of(work.root()));
      throw new BuildRefused(
          new CreatorFailure(request.builder().name(), failure, config.limits()).diagnosis());
    }
    running.pause();
    // What is read from here on was counted, however fast it was written.
    watch.requireModest();
  }

  private List<String> words() {
    var words =
        new ArrayList<>(
            List.of(
                "/cnb/lifecycle/creator",
                "-app=/workspace",
                "-layers=/layers",
                "-platform=/platform",
                "-cache-dir=/cache",
                "-uid=" + user.uid(),
                "-gid=" + user.gid(),
                "-layout",
                "-layout-dir=/layout",
                "-no-color",
                "-run-image=" + image(RUN)));
    if (request.previous().isPresent()) {
      words.add("-previous-image=" + image(PREVIOUS));
    }
    words.add(image(APP));
    return words;
  }

  private static String image(String name) {
    return HOST + "/" + name + ":" + TAG;
  }

  private Map<String, String> environment() {
    var all = new TreeMap<>(request.builder().env());
    all.putAll(reach().environment());
    all.put("CNB_PLATFORM_API", request.builder().platform());
    all.put("CNB_EXPERIMENTAL_MODE", "warn");
    all.put("HOME", HOME);
    // Layers may be larger than the memory that /tmp lies in.
    all.put("TMPDIR", "/exporting");
    return all;
  }

  private Created read() throws IOException, BuildRefused {
    var known = request.previous().map(CreatorRequest.Previous::diffIds).orElse(Set.of());
    try {
      var image = LayoutImage.read(work.layout(), List.of(HOST, APP, TAG));
      var layers =
          image.above(request.run().diffIds(), known, work.tars(), config.limits().written());
      var settings = image.settings();
      return new Created(layers, settings, BuildMetadata.of(settings.labels()));
    } catch (IOException e) {
      throw BuildRefused.because(
          "the builder %s left no image that can be used: %s"
              .formatted(request.builder().name(), e.getMessage()),
          "take another builder: mesh stack set-builder NAME, or --none");
    }
  }

  /// After the push: what the next build of this stack need not make again.
  public void keep() throws IOException {
    hold.keep(
        FolderListing.of(work.cache(), new Inodes()).disk(),
        cache -> cache.commitWhole(owner(), work.cache()),
        output);
  }

  private Strain strain() {
    return container.map(BuildContainer::strain).orElse(Strain.NONE);
  }

  /// Ends all that runs, from any thread.
  public void kill() {
    killed = true;
    hold.leave();
    container.ifPresent(BuildContainer::kill);
  }

  /// Removes container and folders, after this returned: nobody need wait for that.
  @Override
  public void close() {
    watch.close();
    cleaning.start("build " + request.build(), this::clear);
  }

  private void clear() throws IOException, InterruptedException {
    try {
      new Clearing(hold, work, work.cache()).run(this::hasEnded, ran);
    } finally {
      cleared.accept(request.build());
    }
  }

  private boolean hasEnded() {
    return container.map(BuildContainer::end).orElse(true);
  }
}
