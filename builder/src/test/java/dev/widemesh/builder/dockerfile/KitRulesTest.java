package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.widemesh.builder.debian.BaseImages;
import dev.widemesh.builder.debian.BaseImagesConfig;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.Amount;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.Mirrors;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a Dockerfile that we never looked at makes the daemon reach: nothing. A server on its
/// network counts who comes; without our rules somebody does. Skipped where BuildKit was not
/// compiled before.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-12")
class KitRulesTest {
  private static final Path CACHE =
      Path.of(System.getProperty("java.io.tmpdir"), "widemesh-test-cache");
  private static final BuildLimits LIMITS =
      new BuildLimits(Duration.ofSeconds(90), 1_000_000_000, 2, 300, 1_000_000_000, 5_000_000);

  private static final List<String> BUILD = KitWords.build(Map.of(), Map.of(), Set.of());
  private static final String SOURCES = "sources.json";
  private static final String FRONTENDS = "buildkitd.toml";

  @TempDir static Path folder;
  private static final String platform = UUID.randomUUID().toString().substring(0, 4);
  private static RunningRegistry registry;
  private static Engine engine;
  private static BuildKit buildKit;
  private static BuildKit.Kit kit;
  private static BuildNetworks.Taken network;
  private static KitContext context;
  private static final Map<String, String> own = new TreeMap<>();
  private static Listener listener;

  /// Hangs up at once, and counts.
  private record Listener(ServerSocket socket, String host, AtomicInteger calls) {
    static Listener on(String address) throws IOException {
      var socket = new ServerSocket(0, 50, InetAddress.getByName(address));
      var listener =
          new Listener(socket, address + ":" + socket.getLocalPort(), new AtomicInteger());
      Thread.ofVirtual().start(listener::listen);
      return listener;
    }

    private void listen() {
      try {
        while (true) {
          socket.accept().close();
          calls.incrementAndGet();
        }
      } catch (IOException _) {
        Thread.currentThread().interrupt(); // closed with the test
      }
    }
  }

  /// The image of the daemon, from Debian packages in the cache.
  private record Cached(ImageExporter exporter) implements BuildKit.Images {
    static final String NOT_HERE = "BuildKit was not compiled here before";

    @Override
    public String kit(Consumer<String> progress) throws IOException {
      var config =
          new BaseImagesConfig(CACHE, "http://deb.debian.org/debian", Optional.empty(), Map.of());
      var image = new BaseImages(config, exporter).kit(progress).reference();
      return registry.registry().address() + "/" + image;
    }

    @Override
    public String build(Consumer<String> progress) throws IOException {
      throw new IOException(NOT_HERE);
    }
  }

  @BeforeAll
  static void prepare() throws Exception {
    registry = RunningRegistry.in(folder.resolve("registry"));
    engine =
        new Engine(
            platform,
            registry.registry().address(),
            RunningRegistry.PUSHER,
            RunningRegistry.PASSWORD);
    var images = new Cached(registry.exporter(folder.resolve("layers")));
    buildKit = new BuildKit(config(), engine, CACHE, Optional.empty(), images);
    kit = prepared();
    network = new BuildNetworks(engine).take();
    var gateway = "{{(index .IPAM.Config 0).Gateway}}";
    listener = Listener.on(docker("network", "inspect", "-f", gateway, network.ensured()));
    var files = Files.createDirectories(folder.resolve("workspace"));
    Files.writeString(files.resolve("file"), "of the app");
    context = KitContext.of(folder.resolve("context"), "", files);
    for (var name : List.of(SOURCES, FRONTENDS)) {
      own.put(name, Files.readString(context.folder().resolve("rules").resolve(name)));
    }
  }

  @AfterAll
  static void close() throws Exception {
    if (listener != null) {
      listener.socket.close();
      docker("network", "rm", network.ensured());
      docker("rmi", kit.image());
      WorkFolders.delete(folder.resolve("daemons"));
    }
    engine.close();
    registry.close();
  }

  private static BuildKit.Kit prepared() throws Exception {
    try {
      return buildKit.get(_ -> {}, () -> false);
    } catch (BuildKit.Missing e) {
      assumeFalse(e.why().contains(Cached.NOT_HERE), e.why());
      throw e;
    }
  }

  private static String docker(String... words) throws Exception {
    return new Docker(folder.resolve("docker")).succeed(words);
  }

  private static LifecycleConfig config() {
    return new LifecycleConfig(
        folder.resolve("builder"),
        CACHE,
        registry.registry().address(),
        Optional.empty(),
        Map.of(),
        Mirrors.NONE,
        LIMITS,
        0);
  }

  private record Outcome(int code, int calls, String words) {}

  /// By a daemon of its own, with nothing in those of our rules.
  private static Outcome built(String dockerfile, String... emptied) throws Exception {
    context.write(dockerfile.replace("HOST", listener.host));
    var rules = new TreeMap<>(own);
    for (var name : emptied) {
      rules.put(name, name.equals(SOURCES) ? "{\"version\": 1}" : "");
    }
    for (var rule : rules.entrySet()) {
      Files.writeString(context.folder().resolve("rules").resolve(rule.getKey()), rule.getValue());
    }
    var said = new ArrayList<String>();
    var before = listener.calls.get();
    try (var daemon = daemon(folder.resolve("daemons").resolve(UUID.randomUUID().toString()))) {
      var code = daemon.ask(BUILD, List.of(), said::add);
      return new Outcome(code, listener.calls.get() - before, String.join("\n", said));
    }
  }

  /// With its state below `own`.
  private static KitContainer daemon(Path own) throws Exception {
    var build = UUID.randomUUID().toString().substring(0, 8);
    var folders =
        new KitContainer.Folders(
            kit.programs(),
            own.resolve("state"),
            Files.createDirectories(own.resolve("bases")),
            context.folder(),
            own.resolve("out"));
    var mark = new Mark(platform, "one");
    return KitContainer.start(
        engine,
        new KitContainer.Place(build, mark, kit.image(), network.ensured(), folders),
        LIMITS);
  }

  /// Whom the sources' rules alone keep from our server.
  private static void isDenied(String dockerfile) throws Exception {
    var denied = built(dockerfile);
    assertThat(denied.code()).as(denied.words()).isNotZero();
    assertThat(denied.calls()).isZero();
    assertThat(denied.words()).contains("denied by policy");

    var reaching = built(dockerfile, SOURCES);
    assertThat(reaching.calls()).as(reaching.words()).isPositive();
  }

  /// As after each build.
  @Test
  @Tag("BLD-9")
  void what_the_daemon_keeps_is_cut_down() throws Exception {
    var content = new byte[50_000_000];
    new Random().nextBytes(content);
    var large = Files.write(context.folder().resolve("files").resolve("large"), content);
    context.write("FROM scratch\nCOPY large /large\n");
    var own = folder.resolve("daemons").resolve("kept");
    try (var daemon = daemon(own)) {
      assertThat(daemon.ask(BUILD, List.of(), _ -> {})).isZero();
      assertThat(Amount.of(List.of(own.resolve("state"))).bytes()).isGreaterThan(50_000_000);

      assertThat(daemon.ask(KitWords.prune(10_000_000), List.of(), _ -> {})).isZero();

      assertThat(Amount.of(List.of(own.resolve("state"))).bytes()).isLessThan(20_000_000);
    } finally {
      Files.delete(large);
    }
  }

  @Test
  void the_image_that_it_runs_in_is_made_again_where_it_is_lost() throws Exception {
    var name = kit.image().substring(kit.image().indexOf('/') + 1).split("@", 2);
    docker("rmi", kit.image());
    var there =
        "http://" + registry.registry().address() + "/v2/" + name[0] + "/manifests/" + name[1];
    var login = RunningRegistry.MANAGER + ":" + RunningRegistry.PASSWORD;
    var basic = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    var removal =
        HttpRequest.newBuilder(URI.create(there))
            .DELETE()
            .header("Authorization", "Basic " + basic)
            .timeout(Duration.ofSeconds(10))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      assertThat(client.send(removal, BodyHandlers.discarding()).statusCode()).isEqualTo(202);
    }

    assertThat(buildKit.get(_ -> {}, () -> false)).isEqualTo(kit);

    assertThat(built("FROM scratch\nCOPY file /file\n").code()).isZero();
  }

  @Test
  void the_files_of_the_app_are_built() throws Exception {
    var outcome = built("FROM scratch\nCOPY file /file\n");

    assertThat(outcome.code()).as(outcome.words()).isZero();
  }

  @Test
  void no_address_is_fetched() throws Exception {
    isDenied("FROM scratch\nADD http://HOST/file /file\n");
  }

  @Test
  void no_registry_is_asked_for_an_image() throws Exception {
    isDenied("FROM HOST/some/image\n");
    isDenied("FROM scratch\nCOPY --from=HOST/some/image / /\n");
  }

  /// The daemon's image has no git, so nobody would come in any case.
  @Test
  void no_repository_is_cloned() throws Exception {
    var text = "FROM scratch\nADD git://HOST/some.git /some\n";

    assertThat(built(text).words()).contains("denied by policy");
    assertThat(built(text, SOURCES).words()).doesNotContain("denied by policy");
  }

  @Test
  void no_other_program_reads_the_dockerfile() throws Exception {
    var text = "# syntax=HOST/some/frontend\nFROM scratch\nCOPY file /file\n";

    var disabled = built(text, SOURCES);
    assertThat(disabled.code()).isNotZero();
    assertThat(disabled.calls()).isZero();
    assertThat(disabled.words()).contains("invalid frontend");
    var denied = built(text, FRONTENDS);
    assertThat(denied.code()).isNotZero();
    assertThat(denied.calls()).isZero();
    assertThat(denied.words()).contains("denied by policy");

    var reaching = built(text, FRONTENDS, SOURCES);
    assertThat(reaching.calls()).as(reaching.words()).isPositive();
  }
}
