package dev.widemesh.rack;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.OwnRegistry;
import dev.widemesh.api.rack.RouterReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the environments of one rack on this server's Docker. It calls the controller, never the
/// other way round; without a controller it keeps what it was last told, after its own restart too.
/// Containers outlive it.
public final class RackRunner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RackRunner.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration MEASURE = Duration.ofSeconds(5);

  /// One that was lost on its way keeps the next one so long. A controller whose database hangs
  /// says so after up to 7 s: given up before, the same report would be under way twice.
  private static final Duration REPORT = Duration.ofSeconds(8);

  private static final Duration REGISTRY = Duration.ofSeconds(10);
  private static final int TICKS_TO_SAMPLE = 10;
  private static final int TICKS_TO_FIREWALL = 30;

  private final Engine engine;
  private final Firewall firewall;
  private final Routers routers;
  private final Reports reports;
  private final Environments environments;
  private final RouterSocket socket;
  private final ControllerStream stream;
  private final DockerEvents events;
  private final Thread ticker;
  private final Thread measurer;
  private final ImageJanitor janitor;
  private Set<String> liveRouters = Set.of();

  private RackRunner(RackRunnerConfig config) throws IOException {
    Files.createDirectories(config.data());
    Files.setPosixFilePermissions(config.data(), PosixFilePermissions.fromString("rwx------"));
    var clock = InstantSource.system();
    var vault = Vault.open(config.data());
    var controller = new ApiClient(config.controller(), config.token(), REPORT);
    engine = Engine.connect();
    firewall = new Firewall(config);
    routers = new Routers(clock);
    reports = new Reports(config, controller, routers);
    var subnets = new Subnets(vault, config.pool());
    var networks = new Networks(config, engine, subnets, firewall, routers);
    var routes = new Routes(vault);
    var images = new Images(engine, config);
    var registry =
        new OwnRegistry(
            config.registry(), config.registryUser(), config.registryPassword(), REGISTRY);
    var signatures = new Signatures(config.signedBy(), registry, vault);
    var parts =
        new Parts(
            config,
            clock,
            vault,
            engine,
            images,
            signatures,
            networks,
            subnets,
            routers,
            routes,
            reports);
    environments = new Environments(parts, new ApiClient(config.controller(), config.token()));
    socket = RouterSocket.open(routes, this::hear, this::bid, config.socket());
    stream =
        new ControllerStream(
            config,
            new ApiClient(config.controller(), config.token()),
            environments::apply,
            reports::everything);
    events =
        new DockerEvents(
            engine,
            config.platform(),
            environments::look,
            () -> environments.each(EnvironmentLoop::look));
    janitor = new ImageJanitor(engine, config, registry);
    ticker = Thread.ofVirtual().name("ticker").unstarted(this::tick);
    measurer = Thread.ofVirtual().name("measurer").unstarted(this::measure);
  }

  public static RackRunner start(RackRunnerConfig config) throws IOException {
    var runner = new RackRunner(config);
    runner.assertRules();
    runner.environments.load();
    runner.events.start();
    runner.reports.start();
    runner.stream.start();
    runner.ticker.start();
    runner.measurer.start();
    runner.janitor.start();
    return runner;
  }

  private void hear(RouterReport report) {
    environments.hear(routers.hear(report));
  }

  private void bid(String router) {
    routers.forget(router);
    environments.each(EnvironmentLoop::signal);
  }

  private void tick() {
    try {
      for (var count = 1L; true; count++) {
        Thread.sleep(TICK);
        watchRouters();
        environments.sweep();
        if (count % TICKS_TO_SAMPLE == 0) {
          environments.each(EnvironmentLoop::sample);
          reports.everything();
        }
        if (count % TICKS_TO_FIREWALL == 0) {
          assertRules();
          clear();
        }
      }
    } catch (InterruptedException _) {
      log.debug("the ticker stopped");
    }
  }

  private void measure() {
    try {
      while (true) {
        Thread.sleep(MEASURE);
        environments.each(this::measure);
      }
    } catch (InterruptedException _) {
      log.debug("nobody measures any more");
    }
  }

  private void measure(EnvironmentLoop environment) {
    try {
      environment.measure();
    } catch (RuntimeException e) {
      log.warn("cannot measure what containers wrote: {}", Refusals.reason(e));
    }
  }

  /// One that fell silent changes what is agreed without a word.
  private void watchRouters() {
    var live = routers.live();
    if (!live.equals(liveRouters)) {
      liveRouters = live;
      reports.everything();
      environments.each(EnvironmentLoop::signal);
    }
  }

  private void clear() {
    try {
      environments.clear();
    } catch (RuntimeException e) {
      log.warn("cannot look for what is not ours any more: {}", Refusals.reason(e));
    }
  }

  private void assertRules() {
    try {
      firewall.assertRules();
    } catch (RuntimeException e) {
      log.error("the firewall does not hold: {}", e.getMessage());
    }
  }

  /// Removes all containers, networks and firewall rules of this platform.
  public static void removeContainers(RackRunnerConfig config) {
    try (var engine = Engine.connect()) {
      engine.everyContainer(config.platform()).forEach(engine::remove);
      engine.everyNetwork(config.platform()).forEach(engine::removeNetwork);
    }
    new Firewall(config).purge();
  }

  /// Removes all that this platform has in Docker and in the firewall, its data folder not.
  public static void purge(RackRunnerConfig config) {
    removeContainers(config);
    try (var engine = Engine.connect()) {
      engine.imagesFrom(config.registry()).forEach(engine::removeImage);
    }
  }

  /// Stops this process's part. Containers, networks and rules stay.
  @Override
  public void close() {
    ticker.interrupt();
    measurer.interrupt();
    janitor.close();
    stream.close();
    events.close();
    environments.close();
    reports.close();
    socket.close();
    engine.close();
  }
}
