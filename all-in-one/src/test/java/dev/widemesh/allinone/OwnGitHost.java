package dev.widemesh.allinone;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// git's own server of repositories, `git http-backend`, for a folder of bare ones: over TLS, with
/// a certificate of its own. `asked` counts the requests.
record OwnGitHost(HttpsServer server, Path folder, Path certificate, AtomicInteger asked)
    implements AutoCloseable {
  private static final String WORD = "for-tests";

  static OwnGitHost start(Path folder) throws IOException, GeneralSecurityException {
    var store = folder.resolve("host.p12").toString();
    var certificate = folder.resolve("host.pem");
    var words =
        "-genkeypair -alias git -keyalg EC -dname CN=localhost -validity 2 -ext san=dns:localhost"
            + " -storetype PKCS12 -storepass for-tests -keystore";
    keytool(folder, words.split(" "), store);
    var export = "-exportcert -rfc -alias git -storepass for-tests -file";
    keytool(folder, export.split(" "), certificate.toString(), "-keystore", store);
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 9);
    server.setHttpsConfigurator(new HttpsConfigurator(context(Path.of(store))));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    var host = new OwnGitHost(server, folder, certificate, new AtomicInteger());
    server.createContext("/", host::answer);
    server.start();
    return host;
  }

  private static void keytool(Path folder, String[] words, String... more) {
    var argv = new ArrayList<String>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    argv.addAll(List.of(words));
    argv.addAll(List.of(more));
    Shell.run(folder, Map.of(), argv).ok();
  }

  private static SSLContext context(Path store) throws IOException, GeneralSecurityException {
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

  /// `localhost:port`
  String name() {
    return "localhost:" + server.getAddress().getPort();
  }

  String url(String repository) {
    return "https://%s/%s".formatted(name(), repository);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    try (exchange) {
      var process = start(exchange);
      try (var in = exchange.getRequestBody();
          var out = process.getOutputStream()) {
        in.transferTo(out);
      }
      try (var said = process.getInputStream()) {
        var status = 200;
        for (var line = line(said); !line.isEmpty(); line = line(said)) {
          var header = line.split(": ", 2);
          if (header[0].equals("Status")) {
            status = Integer.parseInt(header[1].substring(0, 3));
          } else {
            exchange.getResponseHeaders().add(header[0], header[1]);
          }
        }
        exchange.sendResponseHeaders(status, 0);
        said.transferTo(exchange.getResponseBody());
      }
    }
  }

  private Process start(HttpExchange exchange) throws IOException {
    var builder = new ProcessBuilder("git", "http-backend");
    var headers = exchange.getRequestHeaders();
    var query = exchange.getRequestURI().getRawQuery();
    builder
        .environment()
        .putAll(
            Map.of(
                "GIT_PROJECT_ROOT", folder.toString(),
                "GIT_HTTP_EXPORT_ALL", "1",
                "PATH_INFO", exchange.getRequestURI().getPath(),
                "QUERY_STRING", query == null ? "" : query,
                "REQUEST_METHOD", exchange.getRequestMethod(),
                "CONTENT_TYPE", first(headers.getFirst("Content-Type")),
                "HTTP_CONTENT_ENCODING", first(headers.getFirst("Content-Encoding")),
                "GIT_PROTOCOL", first(headers.getFirst("Git-Protocol"))));
    return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static String first(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (var next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
