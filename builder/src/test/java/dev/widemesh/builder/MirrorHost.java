package dev.widemesh.builder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A mirror of the operator's that wants a login; beside it a server that it sends people to, and a
/// proxy, which lets nobody through, to whom everybody goes who asks anywhere else.
final class MirrorHost implements AutoCloseable {
  private static final String AUTHORIZATION =
      "Basic " + Base64.getEncoder().encodeToString("ada:s3c/ret".getBytes(UTF_8));

  private final HttpServer mirror = serve("127.0.0.1", this::answer);
  private final HttpServer far = serve("127.0.0.2", this::answerFar);
  private final ServerSocket proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, String> moved = new ConcurrentHashMap<>();

  /// The paths that the mirror was asked for by who knew the login.
  final List<String> asked = new CopyOnWriteArrayList<>();

  /// What the server that the mirror sends people to was told of a login.
  final List<String> told = new CopyOnWriteArrayList<>();

  /// What the proxy was asked for.
  final List<String> elsewhere = new CopyOnWriteArrayList<>();

  MirrorHost() throws IOException {
    Thread.ofVirtual().start(this::refuse);
  }

  private static HttpServer serve(String address, HttpHandler answer) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(address, 0), 50);
    server.createContext("/", answer);
    server.start();
    return server;
  }

  String name() {
    return "127.0.0.1:" + mirror.getAddress().getPort();
  }

  /// With the login.
  String url(String path) {
    return as("ada:s3c%2Fret", path);
  }

  String as(String login, String path) {
    return "http://%s@%s%s".formatted(login, name(), path);
  }

  void put(String path, byte[] file) {
    files.put(path, file);
  }

  void put(String path, String file) {
    put(path, file.getBytes(UTF_8));
  }

  /// The mirror says that the file is at the other server.
  void putFar(String path, byte[] file) {
    put(path, file);
    moved.put(path, "http://127.0.0.2:" + far.getAddress().getPort() + path);
  }

  /// For a shell: who asks anybody else goes to the proxy.
  String settings() {
    return "export http_proxy=http://127.0.0.1:%1$d https_proxy=http://127.0.0.1:%1$d no_proxy=127.0.0.1,127.0.0.2\n"
        .formatted(proxy.getLocalPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    try (exchange) {
      if (!AUTHORIZATION.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"mirror\"");
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      asked.add(path);
      if (moved.containsKey(path)) {
        exchange.getResponseHeaders().set("Location", moved.getOrDefault(path, ""));
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      send(exchange, path);
    }
  }

  private void answerFar(HttpExchange exchange) throws IOException {
    try (exchange) {
      told.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
      send(exchange, exchange.getRequestURI().getPath());
    }
  }

  private void send(HttpExchange exchange, String path) throws IOException {
    var file = files.get(path);
    exchange.sendResponseHeaders(file == null ? 404 : 200, file == null ? -1 : file.length);
    if (file != null) {
      exchange.getResponseBody().write(file);
    }
  }

  private void refuse() {
    while (!proxy.isClosed()) {
      try (var client = proxy.accept();
          var in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8))) {
        elsewhere.add(String.valueOf(in.readLine()));
      } catch (IOException _) {
        // who asked went away, or the proxy is closed
      }
    }
  }

  @Override
  public void close() throws IOException {
    proxy.close();
    mirror.stop(0);
    far.stop(0);
  }
}
