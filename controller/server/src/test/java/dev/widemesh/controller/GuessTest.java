package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Strangers at the API's door.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(90)
class GuessTest {
  @Test
  @Tag("USR-1")
  void whoever_guesses_tokens_must_wait_and_nobody_else() throws Exception {
    try (var platform = Platform.start();
        var http = HttpClient.newHttpClient()) {
      assertThat(whoami(http, platform, Platform.ADMIN).statusCode()).isEqualTo(200);
      for (var i = 0; i < Guesses.AT_ONCE; i++) {
        assertThat(whoami(http, platform, Platform.token("guess" + i)).statusCode()).isEqualTo(401);
      }

      var refused = whoami(http, platform, Platform.token("onemore"));

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElse("0")))
          .isBetween(1, 2);
      assertThat(Json.read(refused.body(), Problem.class).code())
          .isEqualTo("too-many-wrong-tokens");
      assertThat(whoami(http, platform, Platform.ADMIN).statusCode()).isEqualTo(200);
      assertThat(platform.client(Platform.GATEWAY).base()).isEqualTo(platform.base());
      assertThat(whoami(http, platform, Platform.GATEWAY).statusCode()).isEqualTo(403);
    }
  }

  private static HttpResponse<String> whoami(HttpClient http, Platform platform, String token)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(platform.base() + "/v1/whoami"))
            .header("Authorization", "Bearer " + token)
            .timeout(Duration.ofSeconds(10));
    return http.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void addresses_are_forgotten_before_they_take_memory() {
    var guesses = new Guesses();
    for (var i = 0; i < 50_000; i++) {
      guesses.wrong("10.%d.%d.1".formatted(i >> 8 & 255, i & 255), 0);
    }
    assertThat(guesses.remembered()).isEqualTo(10_000);
  }

  @Test
  void an_ipv6_network_is_one_guesser_and_is_forgiven_in_time() {
    var guesses = new Guesses();
    for (var i = 0; i < Guesses.AT_ONCE; i++) {
      guesses.wrong("2001:db8::" + i, 0);
    }
    assertThat(guesses.wait("2001:db8::ffff", 0)).isPositive();
    assertThat(guesses.wait("2001:db8:0:1::1", 0)).isZero();
    assertThat(guesses.wait("2001:db8::ffff", Guesses.ONE_MORE_EVERY.toNanos() + 1)).isZero();
  }

  @Test
  void connections_that_ask_nothing_push_out_each_other_and_nobody_else() throws Exception {
    var idle = new ArrayList<Socket>();
    try (var platform = Platform.start();
        var http = HttpClient.newHttpClient()) {
      for (var i = 0; i < Clients.MOST + 50; i++) {
        var socket = new Socket();
        idle.add(socket);
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), platform.base().getPort()));
        var drip = "GET / HTTP/1.1\r\nX-Drip: ".getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(drip);
      }

      assertThat(whoami(http, platform, Platform.ADMIN).statusCode()).isEqualTo(200);
      idle.getFirst().setSoTimeout(5_000);
      assertThat(idle.getFirst().getInputStream().read()).isEqualTo(-1);
      // Within the time for a first request all of them go.
      idle.getLast().setSoTimeout(20_000);
      assertThat(idle.getLast().getInputStream().read()).isEqualTo(-1);
    } finally {
      for (var socket : idle) {
        socket.close();
      }
    }
  }
}
