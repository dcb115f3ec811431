package dev.widemesh.rack;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/// One network for each environment, with addresses that we choose, behind the firewall from its
/// first moment.
final class Networks {
  private final RackRunnerConfig config;
  private final Engine engine;
  private final Subnets subnets;
  private final Firewall firewall;
  private final Routers routers;

  Networks(
      RackRunnerConfig config, Engine engine, Subnets subnets, Firewall firewall, Routers routers) {
    this.config = config;
    this.engine = engine;
    this.subnets = subnets;
    this.firewall = firewall;
    this.routers = routers;
  }

  String name(String environment) {
    return "wm-" + config.platform() + "-" + environment;
  }

  Firewall firewall() {
    return firewall;
  }

  Path resolvConf(String environment) {
    return config.data().resolve("resolv").resolve(environment);
  }

  /// Makes what is missing, and answers with the environment's addresses.
  Subnet ensure(String environment) throws IOException {
    var name = name(environment);
    var existing = engine.subnet(name);
    existing.ifPresent(subnet -> subnets.remember(environment, subnet));
    if (existing.isEmpty()) {
      create(environment, name);
    }
    var subnet = subnets.of(environment).orElseThrow();
    firewall.allow(environment, subnet);
    writeResolvConf(environment, subnet);
    return subnet;
  }

  // Another platform on this machine may choose the same range at the same moment: Docker refuses
  // the second, and the next look chooses again.
  private void create(String environment, String name) {
    var subnet = subnets.take(environment, engine.subnets(), routers.votes());
    Failpoint.SUBNET_TAKEN.pass();
    firewall.allow(environment, subnet);
    var labels = Map.of(Labels.PLATFORM, config.platform(), Labels.ENVIRONMENT, environment);
    try {
      engine.createNetwork(name, firewall.bridge(environment), subnet, labels);
      Failpoint.NETWORK_MADE.pass();
    } catch (RuntimeException e) {
      subnets.leave(environment, 0);
      throw e;
    }
  }

  /// One name server and no other: a second one would answer for private names, or leak them.
  private void writeResolvConf(String environment, Subnet subnet) throws IOException {
    var file = resolvConf(environment);
    var text = "nameserver " + subnet.routerAddress() + "\noptions timeout:2 attempts:5\n";
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return;
    }
    Files.createDirectories(file.getParent());
    var draft = file.resolveSibling(environment + ".draft");
    Files.writeString(draft, text);
    Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// The addresses are free once the routers applied the table of `revision`.
  void remove(String environment, long revision) {
    engine.removeNetwork(name(environment));
    Failpoint.NETWORK_REMOVED.pass();
    firewall.forget(environment);
    subnets.leave(environment, revision);
    try {
      Files.deleteIfExists(resolvConf(environment));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + resolvConf(environment), e);
    }
  }
}
