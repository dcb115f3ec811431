package dev.widemesh.allinone;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// Serves one bare repository to everybody who reads, by git itself, over TLS with a certificate of
/// its own.
record GitHost(HttpsServer server, Path repository, Path certificate) implements AutoCloseable {
  private static final String WORD = "for-tests";
  private static final String SERVICE = "git-upload-pack";

  /// `folder` gets the certificate, and `it.git`.
  static GitHost start(Path folder) throws IOException, GeneralSecurityException {
    var store = folder.resolve("git.p12");
    var certificate = folder.resolve("git.pem");
    var made = List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-validity", "2");
    keytool(folder, store, made, List.of("-ext", "san=dns:localhost", "-storetype", "PKCS12"));
    keytool(folder, store, List.of("-exportcert", "-rfc"), List.of("-file", "" + certificate));
    var repository = folder.resolve("it.git");
    Shell.run(folder, Map.of(), List.of("git", "init", "-q", "--bare", "" + repository)).ok();
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 9);
    server.setHttpsConfigurator(new HttpsConfigurator(context(store)));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    var host = new GitHost(server, repository, certificate);
    server.createContext("/it.git/info/refs", host::advertise);
    server.createContext("/it.git/" + SERVICE, host::upload);
    server.start();
    return host;
  }

  private static void keytool(Path folder, Path store, List<String> what, List<String> more) {
    var argv = new java.util.ArrayList<String>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    argv.addAll(what);
    argv.addAll(more);
    argv.addAll(List.of("-alias", "git", "-keystore", "" + store, "-storepass", WORD));
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

  String url() {
    return "https://" + name() + "/it.git";
  }

  private void advertise(HttpExchange exchange) throws IOException {
    begin(exchange, "advertisement");
    var head = "001e# service=" + SERVICE + "\n0000";
    exchange.getResponseBody().write(head.getBytes(StandardCharsets.US_ASCII));
    answer(exchange, "--advertise-refs");
  }

  private void upload(HttpExchange exchange) throws IOException {
    begin(exchange, "result");
    answer(exchange, "--strict");
  }

  private static void begin(HttpExchange exchange, String what) throws IOException {
    var type = "application/x-" + SERVICE + "-" + what;
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, 0);
  }

  /// What git says to the request.
  private void answer(HttpExchange exchange, String option) throws IOException {
    var words = List.of("git", "upload-pack", "--stateless-rpc", option, "" + repository);
    var git = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (exchange;
        var body = exchange.getRequestBody()) {
      var packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      try (var in = git.getOutputStream()) {
        (packed ? new GZIPInputStream(body) : body).transferTo(in);
      }
      git.getInputStream().transferTo(exchange.getResponseBody());
      if (!git.waitFor(10, TimeUnit.SECONDS)) {
        throw new IOException("git does not end");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      git.destroyForcibly();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
