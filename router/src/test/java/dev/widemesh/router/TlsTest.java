package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.api.rack.EnvironmentDefinition.Endpoint;
import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import dev.widemesh.api.rack.RackMessage.Certificate;
import dev.widemesh.api.rack.RouteTable.Service;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TlsTest {
  @TempDir Path folder = Path.of("");
  private final Vertx vertx = Vertx.vertx();
  private final Backend web =
      Backend.start(
          request ->
              request
                  .body()
                  .onSuccess(
                      body ->
                          request
                              .response()
                              .end(
                                  String.join(
                                      " ",
                                      request.getHeader("X-Forwarded-Proto"),
                                      request.getHeader("Host"),
                                      request.method().name(),
                                      body.toString()))));
  private Stage stage;

  @BeforeEach
  void start() throws IOException {
    stage = new Stage(folder);
  }

  @AfterEach
  void stop() {
    stage.close();
    web.close();
    Wait.done(vertx.close());
  }

  private Certificate certificate(String... names) throws Exception {
    return OwnCertificate.of(folder, names);
  }

  private void serve(Certificate... certificates) throws InterruptedException {
    var route = List.of(new PathRoute("/", false, "shop-web"));
    var table =
        stage.table(
            List.of(new Service("shop-web", List.of(Stage.current("w-1", web.port())))),
            List.of(
                new Endpoint(Stage.HOST, route),
                new Endpoint("own.example", route),
                new Endpoint("other.example", route)));
    stage.serve(stage.with(table, certificates), "w-1");
  }

  private String ask(HttpVersion version, String host, HttpMethod method, String body) {
    var client = vertx.createHttpClient(SecureClient.options(version));
    var options =
        new RequestOptions()
            .setMethod(method)
            .setServer(SocketAddress.inetSocketAddress(stage.router().httpsPort(), "127.0.0.1"))
            .setHost(host)
            .setPort(443)
            .setURI("/");
    var response =
        client
            .request(options)
            .compose(request -> body.isEmpty() ? request.send() : request.send(body))
            .compose(
                answer ->
                    answer
                        .body()
                        .map(text -> answer.version() + " " + answer.statusCode() + " " + text));
    return Wait.done(response);
  }

  @Test
  @Tag("END-1")
  @Tag("RTR-2")
  void both_protocols_are_spoken_over_tls() throws Exception {
    serve(certificate("*.widemesh.localhost"));

    assertThat(ask(HttpVersion.HTTP_1_1, Stage.HOST, HttpMethod.GET, ""))
        .isEqualTo("HTTP_1_1 200 https " + Stage.HOST + " GET ");
    assertThat(ask(HttpVersion.HTTP_2, Stage.HOST, HttpMethod.GET, ""))
        .isEqualTo("HTTP_2 200 https " + Stage.HOST + " GET ");
    assertThat(ask(HttpVersion.HTTP_2, Stage.HOST, HttpMethod.POST, "hello"))
        .isEqualTo("HTTP_2 200 https " + Stage.HOST + " POST hello");
  }

  @Test
  void a_new_certificate_is_served_without_a_restart() throws Exception {
    var alias = certificate("*.widemesh.localhost");
    serve(alias);
    assertThatThrownBy(() -> ask(HttpVersion.HTTP_1_1, "own.example", HttpMethod.GET, ""))
        .rootCause()
        .hasMessageContaining("alert");
    serve(alias, certificate("own.example"));

    assertThat(ask(HttpVersion.HTTP_1_1, "own.example", HttpMethod.GET, "")).contains(" 200 ");
  }

  @Test
  void a_connection_outlives_the_renewal_of_its_certificate() throws Exception {
    serve(certificate("own.example", "other.example"));
    var client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setSsl(true)
                .setForceSni(true)
                .setTrustAll(true)
                .setVerifyHost(false),
            new io.vertx.core.http.PoolOptions().setHttp1MaxSize(1));
    var own = keptAlive("own.example");
    int first = Wait.done(client.request(own).compose(r -> r.send()).map(a -> a.statusCode()));
    assertThat(first).isEqualTo(200);

    serve(certificate("own.example"));

    int again = Wait.done(client.request(own).compose(r -> r.send()).map(a -> a.statusCode()));
    assertThat(again).isEqualTo(200);
  }

  private RequestOptions keptAlive(String host) {
    return new RequestOptions()
        .setServer(SocketAddress.inetSocketAddress(stage.router().httpsPort(), "127.0.0.1"))
        .setHost(host)
        .setPort(443);
  }

  @Test
  @Tag("RTR-6")
  void a_bad_certificate_harms_only_itself() throws Exception {
    serve(
        new Certificate(List.of("other.example"), "rubbish", "rubbish"),
        certificate("own.example"));

    assertThat(ask(HttpVersion.HTTP_1_1, "own.example", HttpMethod.GET, "")).contains(" 200 ");
  }

  @Test
  void old_protocols_are_refused() throws Exception {
    serve(certificate("own.example"));
    var tried =
        new ProcessBuilder(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:" + stage.router().httpsPort(),
                "-servername",
                "own.example",
                "-tls1_1",
                "-cipher",
                "DEFAULT@SECLEVEL=0")
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();

    assertThat(new String(tried.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("alert");
  }

  @Test
  void an_h2_connection_carries_only_what_its_certificate_covers() throws Exception {
    serve(certificate("own.example"), certificate("other.example"));
    var client = vertx.createHttpClient(SecureClient.options(HttpVersion.HTTP_2));
    var status =
        client
            .request(
                new RequestOptions()
                    .setServer(
                        SocketAddress.inetSocketAddress(stage.router().httpsPort(), "127.0.0.1"))
                    .setHost("own.example")
                    .setPort(443))
            .compose(
                request ->
                    request
                        .authority(io.vertx.core.net.HostAndPort.create("other.example", 443))
                        .send())
            .map(answer -> answer.statusCode());

    assertThat(Wait.done(status)).isEqualTo(421);
  }
}
