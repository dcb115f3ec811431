package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.time.Duration;
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
/// container that is none of the platform's, the one that it belongs to, or past the platform's
/// rules. A platform of its own, which listens on every address.
@DisplayNameGeneration(ReplaceUnderscores.class)
class IsolationMatrixTest {
  /// Of Amazon, Google and most others; Azure; Alibaba; Oracle.
  private static final List<String> METADATA =
      List.of("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192");

  private static final String METADATA_SIX = "fd00:ec2::254";

  /// Where dockerd listens that was told to take calls from elsewhere.
  private static final int DOCKER_PORT = 2375;

  /// Of a server in an instance, over IPv6.
  private static final int SIX_PORT = 8086;

  private static final String OURS =
      "wmtest" + HexFormat.of().toHexDigits((short) ThreadLocalRandom.current().nextInt());
  private static TestPlatform platform;
  private static String inA;
  private static String inB;

  /// On a network that the platform knows nothing of.
  private static String outsider;

  private static String image;
  private static ServerSocket hostService;
  private static ServerSocket dockerApi;

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
    hostService = listen(0);
    dockerApi = listen(DOCKER_PORT);
    cloud();
  }

  /// On every address of the host, of IPv4 and IPv6. Another may do so at the same port.
  private static ServerSocket listen(int port) throws IOException {
    var server = new ServerSocket();
    server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    server.bind(new InetSocketAddress("::", port));
    Thread.startVirtualThread(() -> accept(server));
    return server;
  }

  private static void site(String name, String stack) throws IOException {
    var app = App.create(platform, platform.environmentOf(name), stack);
    app.write("index.html", "secret of " + name).commit("site").push().ok();
  }

  private static void accept(ServerSocket server) {
    while (!server.isClosed()) {
      try {
        server.accept().close();
      } catch (IOException _) {
        // Closed at the end, or a client that went.
      }
    }
  }

  /// A metadata service as clouds have it: behind the host's gateway, not on the host.
  private static void cloud() {
    var cloud = run("--network", "none", "--user", "0", "-e", "PORT=" + everywhere(80));
    var pid = docker("inspect", "-f", "{{.State.Pid}}", cloud);
    var device = OURS + "m";
    ip("link", "add", device, "type", "veth", "peer", "name", "cloud", "netns", pid);
    ip("addr", "add", "203.0.113.1/32", "dev", device);
    ip("addr", "add", "fd77:4::1/64", "dev", device, "nodad");
    ip("link", "set", device, "up");
    ForcedSix.turnOn(pid, "cloud");
    ForcedSix.inside(pid, "ip", "link", "set", "cloud", "up");
    for (var address : METADATA) {
      ForcedSix.inside(pid, "ip", "addr", "add", address + "/32", "dev", "cloud");
      ip("route", "add", address + "/32", "dev", device);
    }
    ForcedSix.inside(pid, "ip", "route", "add", "203.0.113.1/32", "dev", "cloud");
    ForcedSix.inside(pid, "ip", "route", "add", "default", "via", "203.0.113.1");
    for (var address : List.of("fd77:4::2/64", METADATA_SIX + "/128")) {
      ForcedSix.inside(pid, "ip", "addr", "add", address, "dev", "cloud", "nodad");
    }
    ForcedSix.inside(pid, "ip", "-6", "route", "add", "default", "via", "fd77:4::1");
    ip("-6", "route", "add", METADATA_SIX + "/128", "dev", device);
  }

  /// What nginx calls that port on every address.
  private static String everywhere(int port) {
    return "[::]:" + port + " ipv6only=off";
  }

  @AfterAll
  static void stop() throws IOException {
    hostService.close();
    dockerApi.close();
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

    var socket = List.of(Probe.dockerSocket());
    assertThat(Probe.from(inA, socket)).isEqualTo(Probe.all(socket, "closed"));
    var mounted = run("-v", "/var/run/docker.sock:/var/run/docker.sock:ro");
    assertThat(Probe.from(mounted, socket)).as("control").isEqualTo(Probe.all(socket, "open"));

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
      probes.add(Probe.tcp(host.getKey() + "-docker", host.getValue(), DOCKER_PORT));
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
  void from_a_build_of_either_formula() throws Exception {
    var neighbour = run("--network", buildNetwork());
    var closed = closedToBuilds(neighbour);
    Await.until(
        "control: another build",
        Duration.ofSeconds(20),
        () -> isOpenHere(address(neighbour), 8080));

    var script = Probe.script(closed);
    assertThat(Probe.answers(built(script))).isEqualTo(Probe.all(closed, "closed"));
    assertThat(Probe.answers(builtFromDockerfile(script))).isEqualTo(Probe.all(closed, "closed"));

    var open = List.of(Probe.tcp("public-http", hostAddress(), platform.http));
    assertThat(Probe.from(neighbour, open)).isEqualTo(Probe.all(open, "open"));
  }

  private static List<Probe> closedToBuilds(String neighbour) throws IOException {
    var closed = new ArrayList<Probe>();
    closed.add(Probe.tcp("instance", address(inB), 8080));
    closed.add(Probe.tcp("environment-gateway", gateway(inB), 80));
    closed.add(Probe.dns("environment-dns", gateway(inB)));
    closed.add(Probe.name("other-web"));
    closed.add(Probe.tcp("another-build", address(neighbour), 8080));
    closed.add(Probe.dockerSocket());
    closed.addAll(Probe.six());
    closed.addAll(ofTheHost(gateway(neighbour)));
    closed.addAll(ofLoopback(gateway(neighbour)));
    return closed;
  }

  private static String buildNetwork() throws IOException {
    return devices() + "build";
  }

  /// How the names of all bridges of the platform begin.
  private static String devices() throws IOException {
    return "wm-" + Platform.read(new DataFolder(platform.data)).id();
  }

  /// What a build script printed.
  private static String built(String script) throws IOException {
    var app = App.create(platform, platform.environmentOf("iso-c"), "build");
    app.node("x")
        .write(
            "package.json",
            "{\"scripts\":{\"build\":\"bash probe.sh\",\"start\":\"node server.js\"}}")
        .write("probe.sh", script);
    return app.commit("probe").push().ok().err();
  }

  /// What a step printed, as the administrator of its container.
  private static String builtFromDockerfile(String script) throws IOException {
    var app = App.create(platform, platform.environmentOf("iso-d"), "build");
    app.write("probe.sh", script)
        .write(
            "Dockerfile",
            "FROM widemesh/build:13\nUSER root\nCOPY probe.sh /\nRUN bash /probe.sh; exit 3\n");
    return app.commit("probe").push().err();
  }

  @Test
  @Tag("ENV-6")
  @Tag("BLD-12")
  void over_ipv6_which_nobody_has_and_were_it_on() throws IOException {
    var build = run("--network", buildNetwork());
    var another = run("--network", buildNetwork(), "-e", "PORT=" + everywhere(8080));
    for (var container : List.of(inA, build)) {
      assertThat(Probe.from(container, Probe.six())).isEqualTo(Probe.all(Probe.six(), "closed"));
    }
    try (var six = ForcedSix.start()) {
      six.on(inA, bridge(inA), "fd77:1", 2);
      six.on(inB, bridge(inB), "fd77:2", 3);
      six.on(build, bridge(build), "fd77:3", 4);
      six.on(another, bridge(another), "fd77:3", 5);
      for (var container : List.of(inA, build)) {
        assertThat(Probe.from(container, Probe.six())).isEqualTo(Probe.all(Probe.six(), "open"));
      }
      serveOverSix(inB);

      assertClosedOverSix(inA, closedOverSix("fd77:1"));
      var closed = closedOverSix("fd77:3");
      closed.add(Probe.tcp("another-build", "fd77:3::5", 8080));
      assertClosedOverSix(build, closed);
      assertLinkLocalEndsAtTheBridge();
    }
  }

  /// As an app that listens on IPv6, too.
  private static void serveOverSix(String container) {
    var port = "PORT=[::]:" + SIX_PORT;
    docker("exec", "-d", "-e", port, container, "/cnb/lifecycle/launcher", "serve-site");
    var own = List.of(Probe.tcp("own", "fd77:2::3", SIX_PORT));
    Await.until(
        "it listens",
        Duration.ofSeconds(20),
        () -> Probe.from(container, own).equals(Probe.all(own, "open")));
  }

  private static List<Probe> closedOverSix(String net) {
    var service = hostService.getLocalPort();
    return new ArrayList<>(
        List.of(
            Probe.tcp("host-service", net + "::1", service),
            Probe.tcp("host-docker", net + "::1", DOCKER_PORT),
            Probe.tcp("host-link-local", "fe80::77:1%eth0", service),
            Probe.tcp("host-elsewhere", "fd77:4::1", service),
            Probe.tcp("other-gateway", "fd77:2::1", service),
            Probe.tcp("other-instance", "fd77:2::3", SIX_PORT),
            Probe.tcp("metadata", METADATA_SIX, 80)));
  }

  /// Open past the rules, and closed before and after: then every neighbour is known.
  private static void assertClosedOverSix(String container, List<Probe> closed) throws IOException {
    assertThat(Probe.from(container, closed)).isEqualTo(Probe.all(closed, "closed"));
    try (var _ = ForcedSix.passOver(devices(), OURS)) {
      Await.until(
          "control: all is open",
          Duration.ofSeconds(30),
          () -> Probe.from(container, closed).equals(Probe.all(closed, "open")));
    }
    assertThat(Probe.from(container, closed)).isEqualTo(Probe.all(closed, "closed"));
  }

  private static void assertLinkLocalEndsAtTheBridge() throws IOException {
    var linkLocal = List.of(Probe.tcp("link-local", "fe80::77:3%eth0", SIX_PORT));
    assertThat(Probe.from(inB, linkLocal)).as("control").isEqualTo(Probe.all(linkLocal, "open"));
    try (var _ = ForcedSix.passOver(devices())) {
      assertThat(Probe.from(inA, linkLocal)).isEqualTo(Probe.all(linkLocal, "closed"));
    }
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

  private static String command(String program, String... args) {
    var argv = new ArrayList<>(List.of(program));
    argv.addAll(List.of(args));
    return Shell.printed(argv.toArray(String[]::new));
  }

  private static boolean isOpenHere(int port) {
    return isOpenHere("127.0.0.1", port);
  }

  private static boolean isOpenHere(String host, int port) {
    try (var socket = new java.net.Socket()) {
      socket.connect(new InetSocketAddress(host, port), 3_000);
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
