package dev.widemesh.builder.supply;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A web server on this machine that speaks TLS, with a certificate of its own.
public final class TlsHost implements AutoCloseable {
  private static final String WORD = "for-tests";

  /// What it answers at a path; an `etag` is compared with what it is asked for.
  public static final class Page {
    private final int status;
    private final byte[] body;
    private final Map<String, String> headers;

    public Page(int status, byte[] body, Map<String, String> headers) {
      this.status = status;
      this.body = body;
      this.headers = headers;
    }

    public static Page of(byte[] body) {
      return new Page(200, body, Map.of());
    }
  }

  /// Asked before the pages are: the answer to a request, if it is for them.
  public interface Guard {
    Optional<Page> answer(String path, String authorization);
  }

  private final HttpsServer server;
  private final Path certificate;
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final List<Guard> guards = new CopyOnWriteArrayList<>();
  public final List<String> asked = new CopyOnWriteArrayList<>();

  private TlsHost(HttpsServer server, Path certificate) {
    this.server = server;
    this.certificate = certificate;
  }

  public static TlsHost start(Path folder) throws Exception {
    return start(folder, InetAddress.getLoopbackAddress());
  }

  /// At another address of this machine.
  public static TlsHost start(Path folder, InetAddress address) throws Exception {
    var store = folder.resolve("host.p12");
    keytool(
        "-genkeypair",
        "-alias",
        "host",
        "-keyalg",
        "EC",
        "-dname",
        "CN=localhost",
        "-validity",
        "2",
        "-ext",
        "san=dns:localhost,ip:" + address.getHostAddress(),
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        WORD);
    var certificate = folder.resolve("host.pem");
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "host",
        "-keystore",
        store.toString(),
        "-storepass",
        WORD,
        "-file",
        certificate.toString());
    var server = HttpsServer.create(new InetSocketAddress(address, 0), 50);
    server.setHttpsConfigurator(new HttpsConfigurator(context(store)));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    var host = new TlsHost(server, certificate);
    server.createContext("/", host::answer);
    server.start();
    return host;
  }

  private static SSLContext context(Path store) throws Exception {
    var keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      keys.load(in, WORD.toCharArray());
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, WORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static void keytool(String... words) throws IOException, InterruptedException {
    var argv = new java.util.ArrayList<String>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    argv.addAll(List.of(words));
    var process =
        new ProcessBuilder(argv)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  /// `localhost:port`, or with another address that.
  public String name() {
    var address = server.getAddress().getAddress();
    var host = address.isLoopbackAddress() ? "localhost" : address.getHostAddress();
    return host + ":" + server.getAddress().getPort();
  }

  public String url(String path) {
    return "https://" + name() + path;
  }

  /// In PEM.
  public Path certificate() {
    return certificate;
  }

  /// Whom a builder is to trust: whom this machine does, and this host.
  public Path trusted() throws IOException {
    var machine = Path.of("/etc/ssl/certs/ca-certificates.crt");
    var usual = Files.exists(machine) ? Files.readString(machine) : "";
    return Files.writeString(
        certificate.resolveSibling("trusted.pem"), usual + Files.readString(certificate));
  }

  public void put(String path, Page page) {
    pages.put(path, page);
  }

  public void put(String path, byte[] body) {
    pages.put(path, Page.of(body));
  }

  public void guard(Guard guard) {
    guards.add(guard);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      asked.add(exchange.getRequestMethod() + " " + path);
      var authorization = exchange.getRequestHeaders().getFirst("Authorization");
      for (var guard : guards) {
        var guarded = guard.answer(path, authorization == null ? "" : authorization);
        if (guarded.isPresent()) {
          send(exchange, guarded.get());
          return;
        }
      }
      var page = pages.getOrDefault(path, new Page(404, new byte[0], Map.of()));
      var tag = page.headers.get("ETag");
      var same = tag != null && tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
      send(exchange, same ? new Page(304, new byte[0], page.headers) : page);
    }
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    page.headers.forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(page.status, page.body.length == 0 ? -1 : page.body.length);
    exchange.getResponseBody().write(page.body);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
