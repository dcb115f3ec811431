package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;

/// Serves repositories to everybody who reads, over TLS with a certificate of its own.
record GitHost(HttpsServer server, Path certificate) implements AutoCloseable {
  private static final String WORD = "for-tests";

  static GitHost start(Path folder, Path repository) throws Exception {
    var store = folder.resolve("git.p12");
    var certificate = folder.resolve("git.pem");
    keytool(
        "-genkeypair",
        "-alias",
        "git",
        "-keyalg",
        "EC",
        "-dname",
        "CN=localhost",
        "-validity",
        "2",
        "-ext",
        "san=dns:localhost",
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        WORD);
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "git",
        "-keystore",
        store.toString(),
        "-storepass",
        WORD,
        "-file",
        certificate.toString());
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 9);
    server.setHttpsConfigurator(new HttpsConfigurator(context(store)));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    var host = new GitHost(server, certificate);
    host.serve("it", repository);
    server.start();
    return host;
  }

  /// Answers its address.
  String serve(String name, Path repository) {
    var place = "/" + name + ".git";
    server.createContext(place + "/info/refs", exchange -> advertise(exchange, repository));
    server.createContext(place + "/git-upload-pack", exchange -> upload(exchange, repository));
    return "https://" + name() + place;
  }

  /// Nothing under that name is there without a login.
  String guard(String name) {
    var place = "/" + name + ".git";
    server.createContext(
        place,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
            exchange.sendResponseHeaders(401, -1);
          }
        });
    return "https://" + name() + place;
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
    var argv = new ArrayList<String>();
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

  /// `localhost:port`
  String name() {
    return "localhost:" + server.getAddress().getPort();
  }

  String url() {
    return "https://" + name() + "/it.git";
  }

  /// Sends on whoever asks there.
  void leads(String path, String location) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(302, -1);
          }
        });
  }

  private static void advertise(HttpExchange exchange, Path repository) throws IOException {
    try (exchange;
        var git = BareRepository.open(repository);
        var upload = new UploadPack(git)) {
      begin(exchange, "advertisement");
      upload.setBiDirectionalPipe(false);
      var lines = new PacketLineOut(exchange.getResponseBody());
      lines.writeString("# service=git-upload-pack\n");
      lines.end();
      upload.sendAdvertisedRefs(new PacketLineOutRefAdvertiser(lines));
    }
  }

  private static void upload(HttpExchange exchange, Path repository) throws IOException {
    try (exchange;
        var git = BareRepository.open(repository);
        var upload = new UploadPack(git)) {
      var packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      InputStream body = exchange.getRequestBody();
      begin(exchange, "result");
      // As git itself since its protocol 2.
      upload.setRequestPolicy(UploadPack.RequestPolicy.ANY);
      upload.setBiDirectionalPipe(false);
      upload.upload(
          packed ? new GZIPInputStream(body) : body, exchange.getResponseBody(), System.err);
    }
  }

  private static void begin(HttpExchange exchange, String what) throws IOException {
    var type = "application/x-git-upload-pack-" + what;
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(200, 0);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
