package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.builder.registry.Registry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The registry as a platform starts it, with the platform's own credentials, beside a controller
/// that keeps one image for its rack.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryDoorTest {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path folder;
  private Secrets secrets;
  private HttpServer controller;
  private Registry registry;

  @BeforeEach
  void start() throws IOException {
    var data = new DataFolder(folder.resolve("data"));
    data.make();
    secrets = new Secrets(data.secrets());
    controller = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    controller.createContext("/", this::answer);
    controller.start();
    var port = controller.getAddress().getPort();
    var platform = Platform.fresh().with(new Platform.Wishes(null, null, null, null, port, null));
    registry = Registry.start(ControlProcess.registry(data, platform, secrets));
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.add(
        "%s as %s"
            .formatted(
                exchange.getRequestURI(), exchange.getRequestHeaders().getFirst("Authorization")));
    var kept = "[\"apps/ours@sha256:%s\"]".formatted("0".repeat(64));
    var bytes = kept.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @AfterEach
  void stop() {
    registry.close();
    controller.stop(0);
    http.close();
  }

  @Test
  void a_rack_reads_what_the_controller_keeps_for_it_and_neither_it_nor_the_builder_deletes()
      throws Exception {
    var content = "{}";
    var digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    for (var repository : List.of("apps/ours", "apps/others", "widemesh/build")) {
      var upload = "/v2/" + repository + "/blobs/uploads/?digest=" + digest;
      assertThat(status("POST", upload, content, "builder", secrets.registryPush())).isEqualTo(201);
    }
    var ours = "/v2/apps/ours/blobs/" + digest;

    assertThat(rack("GET", ours)).isEqualTo(200);
    assertThat(rack("GET", "/v2/apps/others/blobs/" + digest)).isEqualTo(404);
    assertThat(rack("GET", "/v2/widemesh/build/blobs/" + digest)).isEqualTo(404);
    assertThat(rack("POST", "/v2/apps/ours/blobs/uploads/")).isEqualTo(403);
    assertThat(rack("DELETE", ours)).isEqualTo(403);
    assertThat(status("DELETE", ours, "", "builder", secrets.registryPush())).isEqualTo(403);
    assertThat(status("GET", ours, "", "rack", secrets.registryPush())).isEqualTo(401);
    assertThat(asked)
        .isNotEmpty()
        .containsOnly(
            "/internal/racks/%s/images as Bearer %s"
                .formatted(RackProcess.RACK, secrets.builder()));
  }

  private int rack(String method, String path) throws IOException, InterruptedException {
    return status(method, path, "", "rack", secrets.registryPull());
  }

  private int status(String method, String path, String body, String user, String password)
      throws IOException, InterruptedException {
    var secret = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    var request =
        HttpRequest.newBuilder(URI.create("http://" + registry.address() + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, BodyPublishers.ofString(body))
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(secret));
    return http.send(request.build(), BodyHandlers.discarding()).statusCode();
  }
}
