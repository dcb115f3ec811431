package dev.widemesh.builder.supply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.dockerfile.NameLookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
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
  /// Nobody answers, as where only the proxy may ask.
  private static final NameLookup SILENT =
      new NameLookup(List.of("sh", "-c", "exec sleep 60"), Duration.ofMillis(200));

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
    return Gate.open(Hosts.of(opened, NameLookup.SYSTEM, Cargo.BUILDPACK), Map.of(), bounds);
  }

  private Gate behind(String login, NameLookup names) throws IOException {
    var proxy = Map.of("HTTPS_PROXY", "http://" + login + place());
    return Gate.open(Hosts.of(Set.of(), names, Cargo.BUILDPACK), proxy, WIDE);
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

  @Test
  void a_name_that_nobody_here_knows_is_the_proxys_to_decide_and_it_hears_who_asks()
      throws Exception {
    var names = new NameLookup(SILENT.program(), Duration.ofMinutes(1));
    try (var gate = behind("ada:pass%20wo+rd@", names);
        var client = asking(gate, "CONNECT git.corp:443 HTTP/1.1");
        var proxy = inside.accept()) {
      assertThat(head(proxy))
          .startsWith("CONNECT git.corp:443 HTTP/1.1\r\n")
          .contains("\r\nProxy-Authorization: Basic " + base64("ada:pass wo+rd") + "\r\n");
      answer(proxy, "200 OK");
      assertThat(head(client)).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
    }
  }

  @Test
  void a_proxy_without_a_login_is_told_none_and_one_that_wants_it_is_named() throws Exception {
    try (var gate = behind("", SILENT);
        var client = asking(gate, "CONNECT git.corp:443 HTTP/1.1");
        var proxy = inside.accept()) {
      assertThat(head(proxy)).doesNotContain("Authorization");
      answer(proxy, "407 Proxy Authentication Required");
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      assertThat(gate.refusal().orElseThrow()).hasMessageContaining("wants a name and password");
    }
  }

  @Test
  void the_password_for_the_proxy_is_in_no_message() throws Exception {
    try (var gate = behind("ada:hunter2@", SILENT);
        var client = asking(gate, "CONNECT git.corp:443 HTTP/1.1");
        var proxy = inside.accept()) {
      assertThat(head(proxy)).contains(base64("ada:hunter2"));
      answer(proxy, "407 No");
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      var refusal = gate.refusal().orElseThrow().diagnosis();
      assertThat(refusal.toString()).doesNotContain("hunter2").doesNotContain("ada");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1"})
  void what_is_known_here_as_private_is_not_asked_of_the_proxy(String name) throws Exception {
    try (var gate = behind("", NameLookup.SYSTEM);
        var client = asking(gate, "CONNECT %s:443 HTTP/1.1".formatted(name))) {
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      assertThat(gate.refusal().orElseThrow()).hasMessageContaining("not on the public internet");
      inside.setSoTimeout(1);
      assertThatThrownBy(inside::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  /// A resolver that hangs after its first answer takes nothing of that back.
  @Test
  void what_is_known_in_part_as_private_is_not_asked_of_the_proxy() throws Exception {
    var names =
        new NameLookup(
            List.of("sh", "-c", "[ $0 = hosts ] && exec sleep 60; echo 10.1.2.3 STREAM"),
            Duration.ofMillis(500));
    try (var gate = behind("", names);
        var client = asking(gate, "CONNECT git.corp:443 HTTP/1.1")) {
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      assertThat(gate.refusal().orElseThrow()).hasMessageContaining("not on the public internet");
    }
  }

  @Test
  void without_a_proxy_a_name_that_nobody_knows_in_time_is_refused() throws Exception {
    try (var gate = Gate.open(Hosts.of(Set.of(), SILENT, Cargo.BUILDPACK), Map.of(), WIDE);
        var client = asking(gate, "CONNECT git.corp:443 HTTP/1.1")) {
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      assertThat(gate.refusal().orElseThrow()).hasMessageContaining("not resolved in time");
    }
  }

  @Test
  void a_setting_that_names_no_proxy_is_said_and_not_repeated() throws Exception {
    var proxy = Map.of("HTTPS_PROXY", "http://ada:hunter2@");
    try (var gate = Gate.open(Hosts.of(Set.of(), SILENT, Cargo.BUILDPACK), proxy, WIDE);
        var client = asking(gate, "CONNECT git.corp:443 HTTP/1.1")) {
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      assertThat(gate.refusal().orElseThrow())
          .hasMessageContaining("(HTTPS_PROXY is not like http://proxy.example.com:3128)");
    }
  }

  /// What was said up to the first empty line.
  private static String head(Socket from) throws IOException {
    from.setSoTimeout(20_000);
    var head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) from.getInputStream().read());
    }
    return head.toString();
  }

  private static void answer(Socket to, String status) throws IOException {
    to.getOutputStream().write("HTTP/1.1 %s\r\n\r\n".formatted(status).getBytes(UTF_8));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
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
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the gate stays open", e);
    } catch (IOException _) {
      return count;
    }
    return count;
  }
}
