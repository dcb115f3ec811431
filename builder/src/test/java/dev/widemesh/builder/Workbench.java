package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.debian.Base;
import dev.widemesh.builder.dockerfile.BuildKit;
import dev.widemesh.builder.dockerfile.DockerfileBuilds;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.Lifecycle;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.Mirrors;
import dev.widemesh.builder.supply.TlsHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// The parts of a builder without those that claim and report: a build is a call, and while the
/// rest stays as it is another base image can be put in the place of one.
final class Workbench implements AutoCloseable {
  private static final AtomicInteger commits = new AtomicInteger();
  private static final ImageRecipe.Settings PLAIN =
      new ImageRecipe.Settings(Map.of(), Map.of(), "", "", List.of(), List.of(), Set.of());

  final FolderSources sources = new FolderSources();
  private final Path folder;
  private final FakeController controller = new FakeController();
  private final RunningRegistry registry;
  private final BuilderConfig config;
  private final Engine engine;
  private final ImageExporter exporter;
  private final BaseSource debian;
  private Lifecycle lifecycle;
  private Build.Tools tools;

  /// Which base images builds get: those of Debian, or one of them with a file more.
  enum Stand {
    USUAL,
    OTHER_RUN,
    OTHER_BUILD
  }

  Workbench(Path folder, TlsHost host) throws IOException, BuildRefused {
    this.folder = folder;
    registry = RunningRegistry.in(folder.resolve("registry"));
    config = config(host);
    engine = Builder.engine(config);
    exporter = Builder.exporter(config);
    debian = new DebianBases(config, exporter);
    lifecycle = Lifecycle.start(Builder.lifecycle(config), engine);
    tools = tools(debian);
  }

  private BuilderConfig config(TlsHost host) throws IOException {
    return new BuilderConfig(
        folder.resolve("builder"),
        Workshop.CACHE,
        Workshop.BUILDPACKS,
        controller.uri(),
        "token",
        UUID.randomUUID().toString().substring(0, 4),
        registry.registry(),
        RunningRegistry.PUSHER,
        RunningRegistry.PASSWORD,
        new BuilderConfig.Network(
            Optional.of(host.trusted()),
            Map.of(),
            Mirrors.NONE,
            Optional.empty(),
            Set.of(),
            Set.of(host.name())),
        BuildLimits.USUAL,
        LifecycleConfig.CACHE_BYTES,
        RunningRegistry.KEY,
        Optional.empty());
  }

  private Build.Tools tools(BaseSource source) throws IOException {
    var bases = new Bases(source, exporter);
    var settings = Builder.lifecycle(config);
    var kit =
        new BuildKit(
            settings,
            engine,
            config.cache(),
            config.buildKit(),
            new KitImages(config, exporter, bases));
    var dockerfiles = DockerfileBuilds.start(settings, engine, exporter, kit);
    return Builder.tools(config, sources, bases, lifecycle, dockerfiles, exporter);
  }

  /// From the next build on.
  void on(Stand stand) throws IOException {
    tools =
        tools(
            switch (stand) {
              case USUAL -> debian;
              case OTHER_RUN -> new Altered(true);
              case OTHER_BUILD -> new Altered(false);
            });
  }

  /// Where one of the two has a layer more.
  private final class Altered implements BaseSource {
    private final boolean isRun;

    Altered(boolean isRun) {
      this.isRun = isRun;
    }

    @Override
    public Base run(Consumer<String> progress) throws IOException {
      var base = debian.run(progress);
      return isRun ? more(base) : base;
    }

    @Override
    public Base build(Consumer<String> progress) throws IOException {
      var base = debian.build(progress);
      return isRun ? base : more(base);
    }
  }

  private Base more(Base base) throws IOException {
    var file = "of another day".getBytes(StandardCharsets.UTF_8);
    var layer =
        LayerTar.named("more")
            .file("etc/more", file, 0644, Owner.ROOT)
            .write(folder.resolve("more"));
    var repository = base.reference().replaceFirst("@.*", "");
    var recipe = new ImageRecipe(repository, Optional.of(base.reference()), List.of(layer), PLAIN);
    return new Base(exporter.push(recipe).reference(), base.version());
  }

  /// As after an end of the process: what lies in its folders is there.
  void restart() throws IOException, BuildRefused {
    lifecycle.close();
    lifecycle = Lifecycle.start(Builder.lifecycle(config), engine);
    tools = tools(debian);
  }

  /// A commit of what the folder holds now, to be built for a stack with one buildpack.
  Push push(String stack, Path app, String root, Map<String, String> settings, String buildpack)
      throws IOException {
    var copy = Files.createTempDirectory(folder, "commit");
    FolderSources.copy(app, copy);
    var version = commits.incrementAndGet();
    var commit = sources.commit(copy, "c0ffee0000" + version, "");
    return new Push(stack, version, commit, root, settings, buildpack);
  }

  final class Push {
    private final Job job;
    private final Cancellation cancellation = new Cancellation();

    private Push(
        String stack,
        int version,
        String commit,
        String root,
        Map<String, String> settings,
        String buildpack) {
      var chosen = Map.of("root", root, "settings", settings, "buildpacks", List.of(buildpack));
      job = PlainJob.with(PlainJob.of(stack, version, commit), chosen);
    }

    Built build() throws IOException, InterruptedException, BuildRefused {
      var client = new ApiClient(config.controller(), config.token());
      var claim = "bench-" + UUID.randomUUID();
      try (var output = new BuildOutput(client, claim, job.deployment(), cancellation::cancel)) {
        return new Build(tools, claim, job, output, cancellation::onCancel).run();
      }
    }

    void stop() {
      cancellation.cancel();
    }

    String output() {
      return controller.output(job.deployment());
    }

    /// The same commit, of which a stack is made that has no image yet.
    Push ofNewStack() {
      var stack = "stack-" + UUID.randomUUID();
      var buildpack = job.buildpacks().getFirst();
      return new Push(stack, job.version(), job.commit(), job.root(), job.settings(), buildpack);
    }
  }

  /// Leaves nothing in the engine.
  @Override
  public void close() throws IOException {
    lifecycle.close();
    engine.close();
    controller.close();
    var address = registry.registry().address();
    registry.close();
    Workshop.clean(config.platform(), folder, address);
  }
}
