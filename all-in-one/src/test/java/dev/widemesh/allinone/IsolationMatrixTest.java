package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Who reaches whom. Whatever must be closed is asked for from a place as well where it is open: a
/// container that is none of the platform's, or the one that it belongs to. A platform of its own,
/// which listens on every address.
@DisplayNameGeneration(ReplaceUnderscores.class)
class IsolationMatrixTest {
  private static final Path HERE = Path.of("/");

  /// Of Amazon, Google and most others; Azure; Alibaba; Oracle.
  private static final List<String> METADATA =
      List.of("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192");

  private static final String OURS =
      "wmtest" + HexFormat.of().toHexDigits((short) ThreadLocalRandom.current().nextInt());
  private static TestPlatform platform;
  private static String inA;
  private static String inB;

  /// On a network that the platform knows nothing of.
  private static String outsider;

  private static String image;
  private static ServerSocket hostService;

  @BeforeAll
  static void start() throws IOException {
    platform =
        TestPlatform.startOn(
            Path.of(System.getProperty("java.io.tmpdir")), Map.of(), "--listen", "0.0.0.0");
    site("iso-a", "shop");
    site("iso-b", "other");
    inA = platform.containers("shop").getFirst();
    inB = platform.containers("other").getFirst();
    image = docker("inspect", "-f", "{{.Image}}", inA);
    docker("network", "create", "-o", "com.docker.network.bridge.name=" + OURS, OURS);
    outsider = run("--network", OURS);
    hostService = new ServerSocket(0, 50, InetAddress.getByName("::"));
    Thread.startVirtualThread(IsolationMatrixTest::accept);
    cloud();
  }

  private static void site(String name, String stack) throws IOException {
    var app = App.create(platform, platform.environmentOf(name), stack);
    app.write("index.html", "secret of " + name).commit("site").push().ok();
  }

  private static void accept() {
    while (!hostService.isClosed()) {
      try {
        hostService.accept().close();
      } catch (IOException _) {
        // Closed at the end, or a client that went.
      }
    }
  }

  /// A metadata service as clouds have it: behind the host's gateway, not on the host.
  private static void cloud() {
    var cloud = run("--network", "none", "--user", "0", "-e", "PORT=80");
    var pid = docker("inspect", "-f", "{{.State.Pid}}", cloud);
    ip("link", "add", OURS + "m", "type", "veth", "peer", "name", "cloud", "netns", pid);
    ip("addr", "add", "203.0.113.1/32", "dev", OURS + "m");
    ip("link", "set", OURS + "m", "up");
    inside(pid, "ip", "link", "set", "cloud", "up");
    for (var address : METADATA) {
      inside(pid, "ip", "addr", "add", address + "/32", "dev", "cloud");
      ip("route", "add", address + "/32", "dev", OURS + "m");
    }
    inside(pid, "ip", "route", "add", "203.0.113.1/32", "dev", "cloud");
    inside(pid, "ip", "route", "add", "default", "via", "203.0.113.1");
  }

  @AfterAll
  static void stop() throws IOException {
    hostService.close();
    var mine = docker("ps", "-aq", "--filter", "label=" + OURS).lines().toList();
    for (var container : mine) {
      docker("rm", "-f", container);
    }
    docker("network", "rm", OURS);
    platform.close();
  }

  @Test
  @Tag("ENV-5")
  @Tag("ENV-6")
  @Tag("NET-1")
  @Tag("NET-2")
  void from_an_instance() throws IOException {
    var own = gateway(inA);
    var allowed =
        List.of(
            Probe.name("shop-web"),
            Probe.tcp("own-service", "shop-web", 80),
            Probe.tcp("own-instance", address(inA), 8080),
            Probe.dns("own-dns", own),
            Probe.tcp("public-http", hostAddress(), platform.http),
            Probe.tcp("public-https", hostAddress(), platform.https));
    assertThat(Probe.from(inA, allowed)).isEqualTo(Probe.all(allowed, "open"));

    var ofB = ofB();
    assertThat(Probe.from(inA, ofB)).isEqualTo(Probe.all(ofB, "closed"));
    assertThat(Probe.from(inB, ofB)).as("control").isEqualTo(Probe.all(ofB, "open"));

    var ofTheHost = ofTheHost(own);
    assertThat(Probe.from(inA, ofTheHost)).isEqualTo(Probe.all(ofTheHost, "closed"));
    var control = ofTheHost(gateway(outsider));
    assertThat(Probe.from(outsider, control)).as("control").isEqualTo(Probe.all(control, "open"));

    var loopback = ofLoopback(own);
    assertThat(Probe.from(inA, loopback)).isEqualTo(Probe.all(loopback, "closed"));
    for (var probe : loopback) {
      assertThat(isOpenHere(probe.port())).as("control: " + probe.title()).isTrue();
    }
  }

  private static List<Probe> ofB() {
    return List.of(
        Probe.name("other-web"),
        Probe.tcp("other-service", "other-web", 80),
        Probe.tcp("other-instance", address(inB), 8080),
        Probe.tcp("other-gateway", gateway(inB), 80),
        Probe.tcp("other-gateway-dns", gateway(inB), 53),
        Probe.dns("other-dns", gateway(inB)));
  }

  /// What listens on every address of the host, and the cloud's metadata behind it.
  private static List<Probe> ofTheHost(String gateway) throws IOException {
    var probes = new ArrayList<Probe>();
    for (var host : Map.of("host", hostAddress(), "gateway", gateway).entrySet()) {
      probes.add(Probe.tcp(host.getKey() + "-ssh", host.getValue(), platform.ssh));
      probes.add(
          Probe.tcp(host.getKey() + "-service", host.getValue(), hostService.getLocalPort()));
    }
    METADATA.forEach(address -> probes.add(Probe.tcp("metadata-" + address, address, 80)));
    return probes;
  }

  /// What listens on the host's loopback, asked for where it would be if it did not.
  private static List<Probe> ofLoopback(String gateway) throws IOException {
    var facts = Platform.read(new DataFolder(platform.data));
    return List.of(
        Probe.tcp("api", gateway, platform.api),
        Probe.tcp("registry", gateway, facts.registry()),
        Probe.tcp("postgres", gateway, facts.postgres()));
  }

  @Test
  @Tag("BLD-12")
  @Tag("ENV-6")
  void from_a_build() throws IOException {
    var neighbour =
        run("--network", "wm-" + Platform.read(new DataFolder(platform.data)).id() + "build");
    var closed = new ArrayList<Probe>();
    closed.add(Probe.tcp("instance", address(inB), 8080));
    closed.add(Probe.tcp("environment-gateway", gateway(inB), 80));
    closed.add(Probe.dns("environment-dns", gateway(inB)));
    closed.add(Probe.name("other-web"));
    closed.add(Probe.tcp("another-build", address(neighbour), 8080));
    closed.addAll(ofTheHost(gateway(neighbour)));
    closed.addAll(ofLoopback(gateway(neighbour)));
    assertThat(isOpenHere(address(neighbour), 8080)).as("control: another build").isTrue();

    var answers = Probe.answers(pushed(Probe.script(closed)));

    assertThat(answers).isEqualTo(Probe.all(closed, "closed"));
    var open = List.of(Probe.tcp("public-http", hostAddress(), platform.http));
    assertThat(Probe.from(neighbour, open)).isEqualTo(Probe.all(open, "open"));
  }

  /// What a build script printed.
  private static String pushed(String script) throws IOException {
    var app = App.create(platform, platform.environmentOf("iso-c"), "build");
    app.node("x")
        .write(
            "package.json",
            "{\"scripts\":{\"build\":\"bash probe.sh\",\"start\":\"node server.js\"}}")
        .write("probe.sh", script);
    return app.commit("probe").push().ok().err();
  }

  /// Containers have no IPv6. Here they are given it, which no tenant can: the rules hold all the
  /// same.
  @Test
  @Tag("ENV-6")
  void over_ipv6_were_it_on() {
    var closed = overSix(inA, "fd77:1");
    var open = overSix(outsider, "fd77:2");

    assertThat(Probe.from(inA, closed)).isEqualTo(Probe.all(closed, "closed"));
    assertThat(Probe.from(outsider, open)).as("control").isEqualTo(Probe.all(open, "open"));
  }

  /// Gives container and bridge an address each of a local network; the host service is asked for
  /// there, and at the bridge's link-local address.
  private static List<Probe> overSix(String container, String prefix) {
    var pid = docker("inspect", "-f", "{{.State.Pid}}", container);
    var bridge = bridge(container);
    for (var where : List.of("all", "default", "eth0")) {
      inside(pid, "sysctl", "-qw", "net.ipv6.conf." + where + ".disable_ipv6=0");
    }
    inside(pid, "ip", "addr", "add", prefix + "::2/64", "dev", "eth0", "nodad");
    inside(pid, "ip", "addr", "add", "fe80::77:2/64", "dev", "eth0", "nodad");
    Shell.run(
        HERE, Map.of(), List.of("sysctl", "-qw", "net.ipv6.conf." + bridge + ".disable_ipv6=0"));
    ip("addr", "add", prefix + "::1/64", "dev", bridge, "nodad");
    ip("addr", "add", "fe80::77:1/64", "dev", bridge, "nodad");
    return List.of(
        Probe.tcp("local", prefix + "::1", hostService.getLocalPort()),
        Probe.tcp("link-local", "fe80::77:1%eth0", hostService.getLocalPort()));
  }

  private static String bridge(String container) {
    var network =
        docker(
            "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.NetworkID}}{{end}}", container);
    return docker(
        "network",
        "inspect",
        "-f",
        "{{index .Options \"com.docker.network.bridge.name\"}}",
        network);
  }

  /// A container with the site of A in it, gone after the test.
  private static String run(String... options) {
    var argv = new ArrayList<>(List.of("run", "-d", "--label", OURS, "-e", "PORT=8080"));
    argv.addAll(List.of(options));
    argv.addAll(List.of(image, "serve-site"));
    return docker(argv.toArray(String[]::new));
  }

  private static String address(String container) {
    return docker(
        "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container);
  }

  private static String gateway(String container) {
    return docker(
        "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}", container);
  }

  private static String docker(String... args) {
    return command("docker", args);
  }

  private static String ip(String... args) {
    return command("ip", args);
  }

  private static void inside(String pid, String... program) {
    var argv = new ArrayList<>(List.of("-t", pid, "-n"));
    argv.addAll(List.of(program));
    command("nsenter", argv.toArray(String[]::new));
  }

  private static String command(String program, String... args) {
    var argv = new ArrayList<>(List.of(program));
    argv.addAll(List.of(args));
    return Shell.run(HERE, Map.of(), argv).ok().out().strip();
  }

  private static boolean isOpenHere(int port) {
    return isOpenHere("127.0.0.1", port);
  }

  private static boolean isOpenHere(String host, int port) {
    try (var socket = new java.net.Socket()) {
      socket.connect(new java.net.InetSocketAddress(host, port), 3_000);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static String hostAddress() throws IOException {
    try (var socket = new DatagramSocket()) {
      socket.connect(InetAddress.getByName("192.0.2.77"), 9);
      return socket.getLocalAddress().getHostAddress();
    }
  }
}
