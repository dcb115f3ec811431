package dev.widemesh.builder;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Failed;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.BuildWire.Result;
import dev.widemesh.api.Cause;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.AttachmentKind;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.Mirrors;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A whole builder with a registry and everything real but the controller and git. Base images are
/// kept between test runs.
final class Workshop implements AutoCloseable {
  static final Path BUILDPACKS = Path.of("..", "buildpacks").toAbsolutePath().normalize();
  static final Path CACHE = Path.of(System.getProperty("java.io.tmpdir"), "widemesh-test-cache");
  private static final Path CERTIFICATES = Path.of("/etc/ssl/certs/ca-certificates.crt");
  private static final AtomicInteger versions = new AtomicInteger();

  FakeController controller = new FakeController();
  final FolderSources sources = new FolderSources();
  final RunningRegistry registry;
  final String platform = UUID.randomUUID().toString().substring(0, 4);
  private final Path folder;
  private final Path cache;
  private final Elsewhere elsewhere;
  private Builder builder;

  Workshop(Path folder) throws IOException, BuildRefused {
    this(folder, BuildLimits.USUAL);
  }

  Workshop(Path folder, BuildLimits limits) throws IOException, BuildRefused {
    this(folder, limits, Elsewhere.NOTHING);
  }

  /// Hosts that buildpacks may be fetched from, registries that images may, whom to trust, and whom
  /// builds ask.
  record Elsewhere(
      Set<String> hosts,
      Set<String> registries,
      Optional<Path> trusted,
      Map<String, String> proxies,
      Mirrors mirrors) {
    static final Elsewhere NOTHING = new Elsewhere(Set.of(), Set.of(), Optional.empty());

    Elsewhere(Set<String> hosts, Set<String> registries, Optional<Path> trusted) {
      this(hosts, registries, trusted, Map.of(), Mirrors.NONE);
    }
  }

  Workshop(Path folder, BuildLimits limits, Elsewhere elsewhere) throws IOException, BuildRefused {
    this(folder, limits, elsewhere, CACHE);
  }

  private Workshop(Path folder, BuildLimits limits, Elsewhere elsewhere, Path cache)
      throws IOException, BuildRefused {
    this.cache = cache;
    this.elsewhere = elsewhere;
    this.folder = folder;
    this.registry = RunningRegistry.in(folder.resolve("registry"));
    this.builder = start(limits);
  }

  /// One that finds nothing that another made: it makes its base images itself, of the packages
  /// that the others took. Those alone come from them; they are known by their hashes.
  static Workshop ofItsOwn(Path folder) throws IOException, BuildRefused {
    var cache = folder.resolve("cache");
    var bases = Files.createDirectories(cache.resolve("bases"));
    Files.createSymbolicLink(cache.resolve("files"), CACHE.resolve("files"));
    try (var locks = Files.newDirectoryStream(CACHE.resolve("bases"), "*.lock.json")) {
      for (var lock : locks) {
        Files.copy(lock, bases.resolve(lock.getFileName()));
      }
    }
    return new Workshop(folder, BuildLimits.USUAL, Elsewhere.NOTHING, cache);
  }

  /// From the next build on; what earlier ones kept is kept.
  void limitTo(BuildLimits limits) throws IOException, BuildRefused {
    builder.close();
    controller.close();
    controller = new FakeController(); // The other one still has the old builder's claim.
    builder = start(limits);
  }

  private Builder start(BuildLimits limits) throws IOException, BuildRefused {
    return Builder.start(
        new BuilderConfig(
            folder.resolve("builder"),
            cache,
            BUILDPACKS,
            controller.uri(),
            "token",
            platform,
            registry.registry(),
            RunningRegistry.PUSHER,
            RunningRegistry.PASSWORD,
            new BuilderConfig.Network(
                elsewhere.trusted().or(this::certificates),
                elsewhere.proxies(),
                elsewhere.mirrors(),
                Optional.empty(),
                elsewhere.registries(),
                elsewhere.hosts()),
            limits,
            LifecycleConfig.CACHE_BYTES,
            RunningRegistry.KEY,
            Optional.empty()),
        sources);
  }

  Optional<Path> certificates() {
    return Optional.of(CERTIFICATES).filter(Files::exists);
  }

  /// A folder to make a commit of, filled from a fixture (`nodejs/fixture/express`).
  Path checkout(String fixture) throws IOException {
    var copy = Files.createTempDirectory(folder, "checkout");
    FolderSources.copy(BUILDPACKS.resolve(fixture), copy);
    return copy;
  }

  /// In a file of a checkout, where it must be.
  static void replace(Path file, String from, String to) throws IOException {
    var text = Files.readString(file);
    if (!text.contains(from)) {
      throw new AssertionError(file + " does not have: " + from);
    }
    Files.writeString(file, text.replace(from, to));
  }

  /// Ends a test as skipped where a host that it needs has no address.
  static void skipWithout(String host) {
    try {
      InetAddress.getByName(host);
    } catch (UnknownHostException _) {
      assumeTrue(false, host + " cannot be reached from here");
    }
  }

  Path empty() throws IOException {
    return Files.createTempDirectory(folder, "checkout");
  }

  Job job(String stack, Path checkout) {
    return job(stack, checkout, Optional.empty());
  }

  Job job(String stack, Path checkout, Optional<Built> previous) {
    return job(stack, checkout, previous, Map.of());
  }

  Job job(String stack, Path checkout, Optional<Built> previous, Map<String, String> settings) {
    var version = versions.incrementAndGet();
    var commit = sources.commit(checkout, "c0ffee0000" + version, "");
    var changed = new HashMap<String, @Nullable Object>();
    changed.put("previous", previous.orElse(null));
    changed.put("settings", settings);
    return PlainJob.with(PlainJob.of(stack, version, commit), changed);
  }

  /// The same job for a stack that has a formula already.
  Job built(String formula, Job job) {
    return as(job, formula, job.buildpacks());
  }

  /// The same job for a stack that names its buildpacks.
  Job with(List<String> buildpacks, Job job) {
    return as(job, job.formula(), buildpacks);
  }

  private static Job as(Job job, @Nullable String formula, List<String> buildpacks) {
    var changed = new HashMap<String, @Nullable Object>();
    changed.put("formula", formula);
    changed.put("buildpacks", buildpacks);
    return PlainJob.with(job, changed);
  }

  /// The same job for a stack that names a builder, in an environment with these logins.
  Job builtBy(String builder, List<RegistryLogin> logins, Job job) {
    return PlainJob.with(job, Map.of("builder", builder, "logins", logins));
  }

  /// The same job for a stack of which that stage is the image.
  Job upTo(String stage, Job job) {
    return PlainJob.with(job, Map.of("stage", stage));
  }

  /// The same job under another deployment's id.
  Job as(String deployment, Job job) {
    return PlainJob.with(job, Map.of("deployment", deployment));
  }

  /// Another job with the same commit, for another stack.
  Job of(String stack, Job job) {
    var changed = new HashMap<String, @Nullable Object>();
    changed.put("deployment", UUID.randomUUID().toString());
    changed.put("stackId", stack);
    changed.put("stack", stack);
    changed.put("previous", null);
    return PlainJob.with(job, changed);
  }

  /// Another job for a stack of which that folder is the app.
  Job in(String root, Job job) {
    return PlainJob.with(job, Map.of("deployment", UUID.randomUUID().toString(), "root", root));
  }

  Built build(Job job) throws Exception {
    return switch (controller.build(job)) {
      case Built built -> built;
      case Failed(var cause) ->
          throw new AssertionError(cause + "\n" + controller.output(job.deployment()));
    };
  }

  Cause refuse(Job job) throws Exception {
    Result result = controller.build(job);
    return switch (result) {
      case Built built -> throw new AssertionError("was built: " + built);
      case Failed(var cause) -> cause;
    };
  }

  String output(Job job) {
    return controller.output(job.deployment());
  }

  Running run(Built built) throws IOException, InterruptedException {
    return Running.start(folder, registry.registry().address(), platform, built);
  }

  /// What is signed about how that image was made, which the builder does once somebody keeps it.
  JsonNode statement(Built built) throws IOException {
    var attachments = registry.exporter(folder.resolve("papers/cache")).attachments();
    var papers =
        new ImagePapers(
            attachments,
            registry.registry(),
            RunningRegistry.KEY,
            List.of(),
            new Makings(folder.resolve("builder/made")),
            new Readings(folder.resolve("papers/reading")));
    if (!papers.complete(built.image())) {
      throw new AssertionError("there is no image " + built.image());
    }
    var envelope = attachments.find(AttachmentKind.STATEMENT, built.image()).orElseThrow();
    var signed = Envelope.open(envelope, List.of(RunningRegistry.KEY.verifying())).orElseThrow();
    return Json.MAPPER.readTree(signed.text());
  }

  /// Leaves nothing in the engine, neither network nor images.
  @Override
  public void close() throws IOException {
    builder.close();
    controller.close();
    var address = registry.registry().address();
    registry.close();
    clean(platform, folder, address);
  }

  /// Takes what a builder of that folder left in the engine away: networks, images, caches.
  static void clean(String platform, Path folder, String registry) throws IOException {
    try {
      var docker = new Docker(folder.resolve("docker"));
      var networks =
          docker.run("network", "ls", "-qf", "label=" + Engine.PLATFORM + "=" + platform);
      for (var network : networks.output().lines().toList()) {
        docker.run("network", "rm", network);
      }
      Builder.purge(platform, folder.resolve("builder"));
      WorkFolders.delete(folder.resolve("builder").resolve("buildkit"));
      var digests =
          docker.run("images", "--digests", "--format", "{{.Repository}}@{{.Digest}}").output();
      for (var image : digests.lines().filter(line -> line.startsWith(registry)).toList()) {
        docker.run("rmi", image);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
