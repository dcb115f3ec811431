package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.ApiClient;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// The controller here keeps what the test says, for the rack `home`.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RackRepositoriesTest {
  private final AtomicInteger asked = new AtomicInteger();
  private volatile List<String> kept = List.of();
  private volatile int status = 200;
  private HttpServer controller;

  @BeforeEach
  void start() throws IOException {
    controller = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    controller.createContext("/internal/racks/home/images", this::answer);
    controller.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    var answer = status == 200 ? Json.write(kept) : "{\"code\":\"x\",\"message\":\"not now\"}";
    var bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @AfterEach
  void stop() {
    controller.stop(0);
  }

  private RackRepositories repositories(String rack) {
    var uri = URI.create("http://127.0.0.1:" + controller.getAddress().getPort());
    return new RackRepositories(new ApiClient(uri, "token", Duration.ofSeconds(5)), rack);
  }

  @Test
  void a_rack_may_pull_what_the_controller_keeps_for_it_and_nothing_else() throws IOException {
    kept = List.of("apps/one@sha256:1", "apps/one@sha256:2");
    var repositories = repositories("home");

    assertThat(repositories.contain("apps/one")).isTrue();
    assertThat(repositories.contain("apps/other")).isFalse();
    assertThat(repositories.contain("apps")).isFalse();
  }

  @Test
  void what_is_new_is_there_at_once_and_what_is_known_is_not_asked_for_again() throws IOException {
    var repositories = repositories("home");
    assertThat(repositories.contain("apps/one")).isFalse();

    kept = List.of("apps/one@sha256:1");
    assertThat(repositories.contain("apps/one")).isTrue();

    var before = asked.get();
    for (var i = 0; i < 20; i++) {
      assertThat(repositories.contain("apps/one")).isTrue();
    }
    assertThat(asked.get()).isLessThanOrEqualTo(before + 1);
  }

  @Test
  void while_the_controller_is_silent_nothing_is_opened_that_was_not() throws IOException {
    kept = List.of("apps/one@sha256:1");
    var repositories = repositories("home");
    assertThat(repositories.contain("apps/one")).isTrue();

    status = 503;
    assertThatThrownBy(() -> repositories.contain("apps/two")).isInstanceOf(IOException.class);
    assertThat(repositories.contain("apps/one")).isTrue();
    assertThatThrownBy(() -> repositories("home").contain("apps/one"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void another_rack_is_another_question() {
    kept = List.of("apps/one@sha256:1");

    assertThatThrownBy(() -> repositories("away").contain("apps/one"))
        .isInstanceOf(IOException.class);
  }
}
