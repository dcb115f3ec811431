package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// https on the platform alias, as curl and Java see it who trust the platform's authority alone.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AliasTlsTest {
  private final TestPlatform platform;
  private final App app;
  private final App other;

  AliasTlsTest(TestPlatform platform) throws IOException {
    this.platform = platform;
    app = App.create(platform, platform.environmentOf("tls"), "shop");
    app.node("shop").commit("one").push().ok();
    other = App.create(platform, platform.environmentOf("tls2"), "blog");
    other.node("blog").commit("one").push().ok();
  }

  private Path ca() {
    return platform.data.resolve("ca.pem");
  }

  private Shell.Result curl(String host, String... options) {
    var argv = new ArrayList<>(List.of("curl", "-sS", "--max-time", "20"));
    argv.addAll(List.of(options));
    argv.addAll(List.of("-w", " %{http_code} %{http_version}"));
    argv.add("https://%s:%d/".formatted(host, platform.https));
    return Shell.run(platform.folder, Map.of(), argv);
  }

  @Test
  @Tag("END-1")
  @Tag("RTR-2")
  void curl_verifies_it_and_speaks_either_protocol() {
    var trusted = ca().toString();

    assertThat(curl(app.host(), "--cacert", trusted).ok().out())
        .startsWith("shop")
        .endsWith(" 200 2");
    assertThat(curl(app.host(), "--cacert", trusted, "--http1.1").ok().out())
        .startsWith("shop")
        .endsWith(" 200 1.1");
    assertThat(curl(app.host(), "--cacert", trusted, "-6").ok().out()).startsWith("shop");
  }

  @Test
  @Tag("END-1")
  void nobody_else_signed_it_and_it_is_for_no_other_name() {
    var resolve = "other.example:%d:127.0.0.1".formatted(platform.https);

    assertThat(curl(app.host(), "--cacert", "/etc/ssl/certs/ca-certificates.crt").exitCode())
        .isEqualTo(60);
    assertThat(curl("other.example", "--cacert", ca().toString(), "--resolve", resolve).exitCode())
        .isNotZero();
  }

  @Test
  @Tag("RTR-5")
  void a_connection_carries_only_hosts_of_its_certificate() {
    for (var version : List.of("--http1.1", "--http2")) {
      var foreign =
          curl(app.host(), version, "--cacert", ca().toString(), "-H", "Host: other.example");
      assertThat(foreign.ok().out()).contains("W13").contains(" 421 ");

      var covered = curl(app.host(), version, "--cacert", ca().toString(), "-H", host(other));
      assertThat(covered.ok().out()).startsWith("blog").contains(" 200 ");
    }
  }

  private static String host(App app) {
    return "Host: " + app.host();
  }

  @Test
  @Tag("END-1")
  void java_verifies_it_and_refuses_it_under_another_name() throws Exception {
    try (var socket = connect(app.host())) {
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      var request = "GET / HTTP/1.1\r\n" + host(app) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains(" 200 ")
          .contains("shop");
    }
    try (var socket = connect("shop.example.org")) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
  }

  /// As every Java client does it: the name is sent, and the certificate compared with it.
  private SSLSocket connect(String host) throws IOException, GeneralSecurityException {
    var plain = new Socket(InetAddress.getLoopbackAddress(), platform.https);
    plain.setSoTimeout(20_000);
    var factory = trusting().getSocketFactory();
    var socket = (SSLSocket) factory.createSocket(plain, host, platform.https, true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    return socket;
  }

  private SSLContext trusting() throws IOException, GeneralSecurityException {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (var pem = Files.newInputStream(ca())) {
      var certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem);
      store.setCertificateEntry("ca", certificate);
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  @Tag("RTR-2")
  void many_requests_share_one_http2_connection_with_large_bodies_among_them() throws Exception {
    var vertx = Vertx.vertx();
    try {
      var client = vertx.createHttpClient(http2());
      var large = "x".repeat(3_000_000);
      var answers = new ArrayList<Future<String>>();
      for (var i = 0; i < 60; i++) {
        var body = i % 20 == 0 ? large : "n" + i;
        answers.add(
            client
                .request(request())
                .compose(request -> request.send(Buffer.buffer(body)))
                .compose(answer -> answer.body().map(text -> answer.version() + " " + text)));
      }
      for (var i : IntStream.range(0, 60).toArray()) {
        var answer = answers.get(i).toCompletionStage().toCompletableFuture();
        assertThat(answer.get(60, TimeUnit.SECONDS))
            .startsWith("HTTP_2 shop")
            .endsWith(i % 20 == 0 ? "xxx" : " n" + i);
      }
      client.close().await(10, TimeUnit.SECONDS);
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private HttpClientOptions http2() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setUseAlpn(true)
        .setSsl(true)
        .setForceSni(true)
        .setIdleTimeout(Math.toIntExact(Duration.ofMinutes(1).toSeconds()))
        .setTrustOptions(new PemTrustOptions().addCertPath(ca().toString()));
  }

  private RequestOptions request() {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setServer(SocketAddress.inetSocketAddress(platform.https, "127.0.0.1"))
        .setHost(app.host())
        .setPort(platform.https)
        .setURI("/");
  }
}
