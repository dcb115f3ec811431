package dev.widemesh.builder.supply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.dockerfile.NameLookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class GateTest {
  private static final Gate.Bounds WIDE = new Gate.Bounds(1_000_000, Duration.ofMinutes(1));
  private ServerSocket inside;

  @BeforeEach
  void listen() throws IOException {
    inside = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    inside.setSoTimeout(20_000);
  }

  @AfterEach
  void stop() throws IOException {
    inside.close();
  }

  private Gate gate(Set<String> opened, Gate.Bounds bounds) throws IOException {
    return Gate.open(Hosts.of(opened, NameLookup.SYSTEM), Map.of(), bounds);
  }

  private String place() {
    return "127.0.0.1:" + inside.getLocalPort();
  }

  private static Socket asking(Gate gate, String head) throws IOException {
    var socket = new Socket();
    socket.connect((InetSocketAddress) gate.proxy().address(), 5_000);
    socket.setSoTimeout(20_000);
    socket.getOutputStream().write((head + "\r\n\r\n").getBytes(UTF_8));
    return socket;
  }

  @Test
  void what_the_operator_opened_is_reached_and_bytes_pass_both_ways() throws Exception {
    try (var gate = gate(Set.of(place()), WIDE);
        var client = asking(gate, "CONNECT %s HTTP/1.1".formatted(place()));
        var server = inside.accept()) {
      var answer = new byte["HTTP/1.1 200 OK\r\n\r\n".length()];
      assertThat(client.getInputStream().readNBytes(answer, 0, answer.length))
          .isEqualTo(answer.length);
      client.getOutputStream().write("there".getBytes(UTF_8));
      assertThat(server.getInputStream().readNBytes(5)).asString().isEqualTo("there");
      server.getOutputStream().write("back".getBytes(UTF_8));
      assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("back");
      assertThat(gate.refusal()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "0"})
  void what_is_not_outside_is_not_reached(String name) throws Exception {
    try (var gate = gate(Set.of("127.0.0.1:1"), WIDE);
        var client =
            asking(gate, "CONNECT %s:%d HTTP/1.1".formatted(name, inside.getLocalPort()))) {
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      assertThat(gate.refusal().orElseThrow()).hasMessageContaining("not on the public internet");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET http://127.0.0.1/ HTTP/1.1", "nonsense", "CONNECT x HTTP/1.1"})
  void nothing_but_tunnels_is_served(String head) throws Exception {
    try (var gate = gate(Set.of(place()), WIDE);
        var client = asking(gate, head)) {
      assertThat(client.getInputStream().readAllBytes()).asString().startsWith("HTTP/1.1 405");
    }
  }

  @Test
  void it_closes_when_too_much_came() throws Exception {
    try (var gate = gate(Set.of(place()), new Gate.Bounds(1_000, Duration.ofMinutes(1)));
        var client = asking(gate, "CONNECT %s HTTP/1.1".formatted(place()));
        var server = inside.accept()) {
      server.getOutputStream().write(new byte[2_000]);
      var left = drained(client);
      assertThat(left).isLessThan(2_000);
      assertThat(gate.refusal().orElseThrow()).hasMessageContaining("more than 0 MB");
    }
  }

  @Test
  void it_closes_when_it_took_too_long() throws Exception {
    try (var gate = gate(Set.of(place()), new Gate.Bounds(1_000, Duration.ofMillis(1_500)));
        var client = asking(gate, "CONNECT %s HTTP/1.1".formatted(place()));
        var server = inside.accept()) {
      assertThat(server.isConnected()).isTrue();
      assertThat(drained(client)).isLessThan(100);
      assertThat(gate.refusal().orElseThrow()).hasMessageContaining("took longer than");
    }
  }

  /// How much came until the end, which may be a hard one.
  private static long drained(Socket client) {
    var count = 0L;
    try {
      while (client.getInputStream().read() >= 0) {
        count++;
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the gate stays open", e);
    } catch (IOException _) {
      return count;
    }
    return count;
  }
}
