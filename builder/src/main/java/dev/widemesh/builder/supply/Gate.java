package dev.widemesh.builder.supply;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.widemesh.builder.debian.OutwardProxy;
import dev.widemesh.builder.debian.Proxies;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The only way from here to where buildpacks and submodules come from: a proxy for TLS on this
/// machine, which connects to the very addresses that it allowed. So nothing changes when a server
/// sends us on, or a name leads elsewhere a moment later. It closes when too much came, or too
/// slowly.
final class Gate implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gate.class);
  private static final Pattern CONNECT =
      Pattern.compile("CONNECT \\[?([^\\s\\]]+)\\]?:(\\d{1,5}) HTTP/1\\.[01]\r\n(?s:.*)");
  private static final int LONGEST_HEAD = 16_384;
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /// What may come in through one gate, and how long it is open.
  record Bounds(long bytes, Duration time) {}

  private final ServerSocket server;
  private final Hosts hosts;
  private final Proxies proxies;
  private final Bounds bounds;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong came = new AtomicLong();
  private final List<BuildRefused> refusals = new CopyOnWriteArrayList<>();
  private final Thread timer;

  private Gate(ServerSocket server, Hosts hosts, Map<String, String> proxies, Bounds bounds) {
    this.server = server;
    this.hosts = hosts;
    this.proxies = new Proxies(proxies);
    this.bounds = bounds;
    this.timer = Thread.ofVirtual().name("gate-timer").unstarted(this::time);
  }

  /// `proxies` are the operator's: `HTTPS_PROXY` and the like.
  static Gate open(Hosts hosts, Map<String, String> proxies, Bounds bounds) throws IOException {
    var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var gate = new Gate(server, hosts, proxies, bounds);
    gate.timer.start();
    Thread.ofVirtual().name("gate").start(gate::accept);
    return gate;
  }

  Proxy proxy() {
    return new Proxy(Proxy.Type.HTTP, server.getLocalSocketAddress());
  }

  /// For the JDK's client.
  ProxySelector selector() {
    return ProxySelector.of((InetSocketAddress) server.getLocalSocketAddress());
  }

  /// Why something did not get through.
  Optional<BuildRefused> refusal() {
    return refusals.stream().findFirst();
  }

  private void time() {
    try {
      Thread.sleep(bounds.time());
      refuse(
          BuildRefused.because(
              "fetching %s took longer than %d s"
                  .formatted(hosts.cargo().one(), bounds.time().toSeconds()),
              "push again later, or take a smaller one"));
    } catch (InterruptedException _) {
      log.debug("the gate closed in time");
    }
  }

  /// From any thread.
  void stop() {
    refuse(stopped());
  }

  static BuildRefused stopped() {
    return BuildRefused.because("the build was stopped", "push again");
  }

  private void refuse(BuildRefused refusal) {
    refusals.add(refusal);
    shut();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        var client = server.accept();
        sockets.add(client);
        Thread.ofVirtual().name("gate-connection").start(() -> serve(client));
      }
    } catch (IOException e) {
      log.debug("the gate closed: {}", e.toString());
    }
  }

  private void serve(Socket client) {
    try (client) {
      lead(client);
    } catch (IOException | IllegalArgumentException e) {
      log.debug("a connection broke off: {}", e.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.removeIf(Socket::isClosed);
    }
  }

  private void lead(Socket client) throws IOException, InterruptedException {
    client.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
    var asked = CONNECT.matcher(head(client.getInputStream()));
    if (!asked.matches()) {
      answer(client, "405 Only TLS");
      return;
    }
    try (var remote = connect(asked.group(1), Integer.parseInt(asked.group(2)))) {
      sockets.add(remote);
      if (!server.isClosed()) {
        client.setSoTimeout(0);
        remote.setSoTimeout(0);
        answer(client, "200 OK");
        pipe(client, remote);
      }
    } catch (BuildRefused e) {
      // Known before the client hears that its connection ended.
      refusals.add(e);
      log.info("{} is not fetched: {}", hosts.cargo().one(), e.getMessage());
    }
  }

  private static void answer(Socket client, String status) throws IOException {
    client.getOutputStream().write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(UTF_8));
  }

  /// Byte by byte: what follows is not ours to read.
  static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < LONGEST_HEAD) {
      var next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
      if (next == '\n' && head.toString().endsWith("\r\n\r\n")) {
        break;
      }
    }
    return head.toString();
  }

  private Socket connect(String host, int port)
      throws IOException, InterruptedException, BuildRefused {
    var place = URI.create("https://" + bracketed(host) + ":" + port);
    if (place.getHost() == null) {
      throw new IOException("no host's name: " + host);
    }
    var proxy = proxy(place);
    var addresses = hosts.addresses(host, port, proxy.isPresent());
    if (proxy.isPresent()) {
      return new ProxyTunnel(proxy.get(), bracketed(host) + ":" + port).open();
    }
    for (var address : addresses) {
      var socket = reached(new InetSocketAddress(address, port));
      if (socket.isPresent()) {
        return socket.get();
      }
    }
    throw BuildRefused.because(
        "%s cannot be fetched from %s (it does not answer on port %d)"
            .formatted(hosts.cargo().many(), host, port),
        hosts.cargo().correction() + ", or push again later");
  }

  private Optional<OutwardProxy> proxy(URI place) throws BuildRefused {
    try {
      return proxies.outward(place);
    } catch (IllegalArgumentException e) {
      throw BuildRefused.because(
          "%s cannot be fetched from %s (%s)"
              .formatted(hosts.cargo().many(), place.getHost(), e.getMessage()),
          "let the operator correct that");
    }
  }

  private static String bracketed(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
  }

  static Optional<Socket> reached(SocketAddress address) throws IOException {
    var socket = new Socket();
    try {
      socket.connect(address, Math.toIntExact(PATIENCE.toMillis()));
      return Optional.of(socket);
    } catch (IOException e) {
      log.debug("{} is not reached: {}", address, e.toString());
      socket.close();
      return Optional.empty();
    }
  }

  private void pipe(Socket client, Socket remote) throws InterruptedException {
    var back = Thread.ofVirtual().name("gate-back").start(() -> copy(remote, client, true));
    copy(client, remote, false);
    back.join();
  }

  private void copy(Socket from, Socket to, boolean inwards) {
    var buffer = new byte[1 << 14];
    try {
      var in = from.getInputStream();
      var out = to.getOutputStream();
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (inwards && came.addAndGet(count) > bounds.bytes()) {
          refuse(
              BuildRefused.because(
                  "%s has more than %d MB"
                      .formatted(hosts.cargo().one(), bounds.bytes() / 1_000_000),
                  "take a smaller one"));
          return;
        }
        out.write(buffer, 0, count);
      }
      to.shutdownOutput();
    } catch (IOException e) {
      log.debug("a connection ended: {}", e.toString());
      end(from);
      end(to);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("a socket does not close: {}", e.toString());
    }
  }

  private void shut() {
    try {
      server.close();
    } catch (IOException e) {
      log.debug("the gate does not close: {}", e.toString());
    }
    sockets.forEach(Gate::end);
  }

  @Override
  public void close() {
    timer.interrupt();
    shut();
  }
}
