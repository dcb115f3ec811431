package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Route;
import dev.widemesh.api.SurveyLoop;
import dev.widemesh.builder.SignedWith.Proof;
import dev.widemesh.builder.dockerfile.BuildKit;
import dev.widemesh.builder.dockerfile.DockerfileBuilds;
import dev.widemesh.builder.dockerfile.RegistryTrials;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.Lifecycle;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.supply.Supply;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds what the controller has queued, two at a time.
public final class Builder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Builder.class);
  private static final int WORKERS = 2;

  /// So many may wait for a bill of materials at once: each is some megabytes in memory.
  private static final int BILLS = 2;

  private static final Duration STOP = Duration.ofSeconds(20);

  /// Whoever asks waits some seconds, and has more to wait for.
  private static final Duration LOOK = Duration.ofSeconds(2);

  private final Engine engine;
  private final Lifecycle lifecycle;
  private final ImageCollection collection;
  private final SigningAnew signings;
  private final Papers papers;
  private final List<Thread> workers;
  private final List<SurveyLoop> surveys;

  private Builder(
      Engine engine,
      Lifecycle lifecycle,
      ImageCollection collection,
      SigningAnew signings,
      Papers papers,
      List<Thread> workers,
      List<SurveyLoop> surveys) {
    this.surveys = surveys;
    this.engine = engine;
    this.lifecycle = lifecycle;
    this.collection = collection;
    this.signings = signings;
    this.papers = papers;
    this.workers = workers;
  }

  public static Builder start(BuilderConfig config, Sources sources)
      throws IOException, BuildRefused {
    var exporter = exporter(config);
    var bases = new Bases(baseImages(config, exporter), exporter);
    var engine = engine(config);
    var lifecycle = Lifecycle.start(lifecycle(config), engine);
    var buildKit =
        new BuildKit(
            lifecycle(config),
            engine,
            config.cache(),
            config.buildKit(),
            new KitImages(config, exporter, bases));
    var dockerfiles = DockerfileBuilds.start(lifecycle(config), engine, exporter, buildKit);
    var tools = tools(config, sources, bases, lifecycle, dockerfiles, exporter);
    var controller = new ApiClient(config.controller(), config.token());
    var makings = tools.makings();
    var name = "builder-" + UUID.randomUUID().toString().substring(0, 8);
    var claimed = new ConcurrentHashMap<String, String>();
    var turns = new Turns();
    var papers =
        new Papers(
            controller,
            new ImagePapers(
                exporter.attachments(),
                config.registry(),
                config.signing(),
                former(config),
                makings,
                new Readings(config.data().resolve("reading"))));
    var signings =
        new SigningAnew(controller, exporter, config.signing(), config.data(), papers::isThrough);
    signings.start();
    papers.start();
    var workers =
        IntStream.rangeClosed(1, WORKERS)
            .mapToObj(i -> name + "-" + i)
            .map(one -> new Worker(one, controller, tools, claimed, turns, papers::wake))
            .map(worker -> Thread.ofVirtual().name("build-worker").start(worker))
            .toList();
    var collection =
        new ImageCollection(
            controller,
            config.registry(),
            bases,
            () -> buildKit.image().map(image -> ofRegistry(config, image)),
            dockerfiles::keepOnly);
    collection.start();
    var check =
        new ImageCheck(config.registry(), config.signing().verifying(), papers::lacking, LOOK);
    var surveyor =
        new Surveyor(
            config.data(), lifecycle, dockerfiles, config.registry(), check, bases, claimed);
    var surveys =
        SurveyLoop.start(
            controller,
            Route.BUILD_QUESTIONS,
            Route.BUILD_SURVEY,
            1,
            question -> surveyor.survey(question.images()));
    var trials = trials(controller, new RegistryTrials(engine, config.network().registries()));
    var looks =
        SurveyLoop.start(
            controller,
            Route.SIGNATURE_QUESTIONS,
            Route.SIGNATURE_LOOK,
            BuildWire.LOOKS,
            question -> signings.look(question.images().getFirst()));
    var bills =
        SurveyLoop.start(
            controller,
            Route.SBOM_QUESTIONS,
            Route.SBOM_ANSWER,
            BILLS,
            question -> papers.answer(question.images().getFirst()));
    log.info("{} waits for builds", name);
    return new Builder(
        engine,
        lifecycle,
        collection,
        signings,
        papers,
        workers,
        List.of(surveys, trials, looks, bills));
  }

  /// All that builds need, without anybody who claims them.
  static Build.Tools tools(
      BuilderConfig config,
      Sources sources,
      Bases bases,
      Lifecycle lifecycle,
      DockerfileBuilds dockerfiles,
      ImageExporter exporter)
      throws IOException {
    return new Build.Tools(
        sources,
        Supply.open(supply(config), sources),
        bases,
        lifecycle,
        dockerfiles,
        exporter,
        config.registry(),
        config.network().registries(),
        new CertificateImage(
            exporter, config.network().caBundle(), config.data().resolve("certificates")),
        new BuildSecrets(new ApiClient(config.controller(), config.token())),
        new Makings(config.data().resolve("made")));
  }

  /// Asked before images are signed anew: afterwards they are forgotten.
  private static List<VerifyingKey> former(BuilderConfig config) {
    return SignedWith.in(config.data()).read() instanceof Proof.Keys(var keys) ? keys : List.of();
  }

  private static String ofRegistry(BuilderConfig config, String image) {
    return image.substring(config.registry().address().length() + 1);
  }

  private static SurveyLoop trials(ApiClient controller, RegistryTrials trials) {
    return SurveyLoop.start(
        controller,
        Route.LOGIN_QUESTIONS,
        Route.LOGIN_TRIAL,
        BuildWire.TRIALS,
        question ->
            question.logins().stream()
                .findFirst()
                .map(trials::attempt)
                .orElse(new BuildWire.Trial(null)));
  }

  static Engine engine(BuilderConfig config) {
    return new Engine(
        config.platform(),
        config.registry().address(),
        config.registryUser(),
        config.registryPassword());
  }

  static ImageExporter exporter(BuilderConfig config) throws IOException {
    return new ImageExporter(
        config.registry().address(),
        config.registryUser(),
        config.registryPassword(),
        config.cache().resolve("layers"),
        config.signing(),
        config.data().resolve("signed"));
  }

  private static BaseSource baseImages(BuilderConfig config, ImageExporter exporter) {
    return config
        .network()
        .baseImages()
        .<BaseSource>map(prefix -> new CopiedBases(prefix, CopiedBases.usualDockerConfig(), config))
        .orElseGet(() -> new DebianBases(config, exporter));
  }

  private static Supply.Config supply(BuilderConfig config) {
    return new Supply.Config(
        config.data().resolve("buildpacks"),
        config.registry().address(),
        config.network().buildpackHosts(),
        config.network().proxies(),
        config.network().caBundle());
  }

  static LifecycleConfig lifecycle(BuilderConfig config) {
    return new LifecycleConfig(
        config.data(),
        config.buildpacks(),
        config.registry().address(),
        config.network().caBundle(),
        config.network().proxies(),
        config.network().mirrors(),
        config.limits(),
        config.cacheBytes());
  }

  /// Removes what the builds of a platform left in the engine, once nothing runs there any more.
  /// `data` is [BuilderConfig#data].
  public static void purge(String platform, Path data) throws IOException {
    try (var engine = new Engine(platform, "", "", "")) {
      DockerfileBuilds.purge(engine, data);
    }
  }

  /// Stops claiming; a build that runs is stopped and claimed again by whoever comes next.
  @Override
  public void close() throws IOException {
    surveys.forEach(SurveyLoop::close);
    collection.close();
    signings.close();
    papers.close();
    workers.forEach(Thread::interrupt);
    try {
      for (var worker : workers) {
        if (!worker.join(STOP)) {
          log.warn("a build did not stop within {} s", STOP.toSeconds());
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    lifecycle.close();
    engine.close();
  }
}
