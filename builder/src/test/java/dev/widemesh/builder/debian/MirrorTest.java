package dev.widemesh.builder.debian;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A mirror that only the operator's proxy reaches, which lets nobody through without a login.
@DisplayNameGeneration(ReplaceUnderscores.class)
class MirrorTest {
  private static final URI FILE = URI.create("http://mirror.invalid/debian/dists/InRelease");

  @TempDir private Path folder;
  private HttpServer proxy;

  @BeforeEach
  void start() throws IOException {
    proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var login = "Basic " + Base64.getEncoder().encodeToString("ada:s3cret".getBytes(UTF_8));
    proxy.createContext(
        "/",
        exchange -> {
          var headers = exchange.getRequestHeaders();
          var isAda = login.equals(headers.getFirst("Proxy-Authorization"));
          var body = exchange.getRequestURI().toString().getBytes(UTF_8);
          exchange.sendResponseHeaders(isAda ? 200 : 407, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    proxy.start();
  }

  @AfterEach
  void stop() {
    proxy.stop(0);
  }

  private Mirror behind(String login) throws IOException {
    var settings = Map.of("HTTP_PROXY", "http://" + login + place());
    return new Mirror(
        new BaseImagesConfig(folder, "http://mirror.invalid/debian", Optional.empty(), settings));
  }

  private String place() {
    return "127.0.0.1:" + proxy.getAddress().getPort();
  }

  @Test
  void the_proxy_is_told_who_asks() throws Exception {
    assertThat(behind("ada:s3cret@").read(FILE, 1_000).orElseThrow())
        .isEqualTo(FILE.toString().getBytes(UTF_8));
  }

  @Test
  void one_that_wants_another_login_is_named_without_a_password() throws Exception {
    for (var login : new String[] {"", "ada:wrong@"}) {
      var mirror = behind(login);
      assertThatThrownBy(() -> mirror.read(FILE, 1_000))
          .isInstanceOf(MirrorFailed.class)
          .hasMessage(
              "the proxy %s wants a name and password for mirror.invalid: correct HTTP_PROXY=http://name:password@%s",
              place(), place());
    }
  }
}
