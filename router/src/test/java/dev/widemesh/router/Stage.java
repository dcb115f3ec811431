package dev.widemesh.router;

import dev.widemesh.api.rack.EnvironmentDefinition.Endpoint;
import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import dev.widemesh.api.rack.InstanceSpec.Readiness;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouteTable.Instance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// A router with its rack, and tables for it in few words.
final class Stage implements AutoCloseable {
  static final String HOST = "shop.widemesh.localhost";

  private final Path folder;
  private final FakeRack rack;
  private final Settings settings;
  private Router router;
  private long revision;

  Stage(Path folder) throws IOException {
    this(folder, settings(Path.of("/etc/resolv.conf")), "127.0.0.1", 0);
  }

  Stage(Path folder, Settings settings, String listen, int httpPort) {
    this.folder = folder;
    this.settings = settings;
    this.rack = new FakeRack(folder.resolve("rack.sock"));
    this.router = Router.start(config(folder, listen, httpPort), settings);
  }

  private static RouterConfig config(Path folder, String listen, int httpPort) {
    return new RouterConfig(
        folder.resolve("data"), folder.resolve("rack.sock"), listen, httpPort, 0);
  }

  /// Short limits, and free ports for the inside.
  static Settings settings(Path resolvers) throws IOException {
    return new Settings(
        freePort(),
        freePort(),
        Duration.ofSeconds(2),
        Duration.ofSeconds(3),
        Duration.ofSeconds(2),
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        1024 * 1024,
        1_000,
        resolvers);
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  void restart() {
    router.close();
    router = Router.start(config(folder, "127.0.0.1", 0), settings);
  }

  Path snapshot() {
    return folder.resolve("data/routes");
  }

  void damage(String what) throws IOException {
    var lines = Files.readAllLines(snapshot());
    lines.replaceAll(line -> line.contains(what) ? line.replace(what, "damaged") : line);
    Files.write(snapshot(), lines);
  }

  Router router() {
    return router;
  }

  FakeRack rack() {
    return rack;
  }

  Settings settings() {
    return settings;
  }

  int port() {
    return router.port();
  }

  static Instance instance(String id, int port, RouteTable.Role role) {
    return new Instance(
        id, "127.0.0.1", port, role, new Readiness(Readiness.Kind.PORT, null, 0), HOST);
  }

  static Instance current(String id, int port) {
    return instance(id, port, RouteTable.Role.CURRENT);
  }

  /// One environment whose service `shop-web` is published at `/`.
  RouteTable table(Instance... instances) {
    return table(
        List.of(new RouteTable.Service("shop-web", Arrays.asList(instances))),
        List.of(new Endpoint(HOST, List.of(new PathRoute("/", false, "shop-web")))));
  }

  RouteTable table(List<RouteTable.Service> services, List<Endpoint> endpoints) {
    return table(environment("env00001", "127.0.1.1", services, endpoints));
  }

  static RouteTable.Environment environment(
      String id, String address, List<RouteTable.Service> services, List<Endpoint> endpoints) {
    return new RouteTable.Environment(id, id, "127.0.0.0/8", address, services, endpoints);
  }

  RouteTable table(RouteTable.Environment... environments) {
    return new RouteTable(++revision, Arrays.asList(environments), List.of());
  }

  RouteTable with(RouteTable table, RackMessage.Certificate... certificates) {
    return new RouteTable(table.revision(), table.environments(), Arrays.asList(certificates));
  }

  /// Publishes it and waits until each of these is ready.
  void serve(RouteTable table, String... ready) throws InterruptedException {
    rack.publishAndAwait(table);
    for (var id : ready) {
      var _ =
          rack.report(r -> r.probes().stream().anyMatch(p -> p.instance().equals(id) && p.ready()));
    }
  }

  @Override
  public void close() {
    router.close();
    rack.close();
  }
}
