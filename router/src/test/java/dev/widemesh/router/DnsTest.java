package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RouteTable.Environment;
import dev.widemesh.api.rack.RouteTable.Service;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DnsTest {
  private static final int A = 1;
  private static final int AAAA = 28;
  private static final String OURS = "127.0.1.9";

  @TempDir Path folder = Path.of("");
  private final AtomicInteger asked = new AtomicInteger();
  private final DatagramSocket resolver =
      new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  private Stage stage;

  DnsTest() throws IOException {}

  @BeforeEach
  void start() throws Exception {
    Thread.ofVirtual().start(this::resolve);
    var file = folder.resolve("resolv.conf");
    Files.writeString(file, "nameserver 127.0.0.1#" + resolver.getLocalPort() + "\n");
    stage = new Stage(folder, Stage.settings(file), "127.0.0.1", 0);
    var services = List.of(new Service("finance-payments", List.of(Stage.current("i-1", 0))));
    stage
        .rack()
        .publishAndAwait(
            stage.table(
                new Environment(
                    "env00001", "e", "127.0.1.0/24", "127.0.1.1", services, List.of())));
  }

  @AfterEach
  void stop() {
    stage.close();
    resolver.close();
  }

  /// Answers 192.0.2.7 with a TTL of 60, but for `silent`, which gets nothing, and `big`, which
  /// gets forty addresses.
  private void resolve() {
    var packet = new DatagramPacket(new byte[1500], 1500);
    while (!resolver.isClosed()) {
      try {
        resolver.receive(packet);
        asked.incrementAndGet();
        var bytes = Arrays.copyOf(packet.getData(), packet.getLength());
        var name = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!name.contains("silent")) {
          var reply = answer(bytes, name.contains("big") ? 40 : 1);
          resolver.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
        }
      } catch (IOException _) {
        return;
      }
    }
  }

  private static byte[] answer(byte[] question, int count) {
    var end = 12;
    while (question[end] != 0) {
      end += 1 + question[end];
    }
    end += 5;
    var out = ByteBuffer.allocate(end + 16 * count);
    out.put(question, 0, 2).putShort((short) 0x8180).putShort((short) 1);
    out.putShort((short) count).putInt(0);
    out.put(question, 12, end - 12);
    for (var i = 0; i < count; i++) {
      out.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1).putInt(60);
      out.putShort((short) 4).put(new byte[] {(byte) 192, 0, 2, 7});
    }
    return out.array();
  }

  private static byte[] query(String name, int type) {
    var out = ByteBuffer.allocate(300);
    out.putShort((short) 0x1234).putShort((short) 0x0100).putShort((short) 1);
    out.putShort((short) 0).putInt(0);
    for (var label : name.split("\\.", -1)) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.put((byte) 0).putShort((short) type).putShort((short) 1);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static final class Reply {
    private final byte[] bytes;

    Reply(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }

    int code() {
      return bytes[3] & 0xf;
    }

    boolean authoritative() {
      return (bytes[2] & 4) != 0;
    }

    boolean truncated() {
      return (bytes[2] & 2) != 0;
    }

    int answers() {
      return bytes[7];
    }

    int authorities() {
      return bytes[9];
    }

    String lastAddress() throws IOException {
      var four = Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length);
      return InetAddress.getByAddress(four).getHostAddress();
    }
  }

  /// Asked again until the name server listens, or a second passed without an answer.
  private Optional<Reply> ask(String from, String name, int type) throws IOException {
    try (var socket = new DatagramSocket(new InetSocketAddress(from, 0))) {
      socket.setSoTimeout(300);
      var bytes = query(name, type);
      var to = new InetSocketAddress("127.0.1.1", stage.settings().insideDns());
      var packet = new DatagramPacket(new byte[1500], 1500);
      for (var i = 0; i < 5; i++) {
        socket.send(new DatagramPacket(bytes, bytes.length, to));
        try {
          socket.receive(packet);
          return Optional.of(new Reply(Arrays.copyOf(packet.getData(), packet.getLength())));
        } catch (SocketTimeoutException _) {
          // Not listening yet, or it will not answer us.
        }
      }
      return Optional.empty();
    }
  }

  private Reply ask(String name, int type) throws IOException {
    return ask(OURS, name, type).orElseThrow();
  }

  @Test
  @Tag("NET-1")
  void a_service_is_at_the_routers_address() throws Exception {
    var reply = ask("Finance-Payments", A);

    assertThat(reply.code()).isZero();
    assertThat(reply.authoritative()).isTrue();
    assertThat(reply.lastAddress()).isEqualTo("127.0.1.1");
    assertThat(new String(reply.bytes(), StandardCharsets.US_ASCII)).contains("Finance-Payments");
  }

  @Test
  void it_has_no_ipv6_address_but_exists() throws Exception {
    var reply = ask("finance-payments", AAAA);

    assertThat(reply.code()).isZero();
    assertThat(reply.answers()).isZero();
    assertThat(reply.authorities()).isOne();
  }

  @Test
  @Tag("NET-2")
  void a_name_of_one_label_never_leaves_the_environment() throws Exception {
    var reply = ask("other-service", A);

    assertThat(reply.code()).isEqualTo(3);
    assertThat(reply.authoritative()).isTrue();
    assertThat(reply.authorities()).isOne();
    assertThat(asked).hasValue(0);
  }

  @Test
  @Tag("NET-4")
  void other_names_are_asked_on_and_remembered() throws Exception {
    for (var i = 0; i < 5; i++) {
      var reply = ask("www.example.com", A);
      assertThat(reply.lastAddress()).isEqualTo("192.0.2.7");
      assertThat(reply.bytes()[0]).isEqualTo((byte) 0x12);
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  @Tag("NET-4")
  void what_does_not_fit_is_marked_truncated() throws Exception {
    var reply = ask("big.example.com", A);

    assertThat(reply.truncated()).isTrue();
    assertThat(reply.answers()).isZero();
  }

  @Test
  @Tag("NET-2")
  void a_peer_from_another_subnet_gets_nothing() throws Exception {
    assertThat(ask("finance-payments", A).code()).isZero();
    assertThat(ask("127.0.2.9", "finance-payments", A)).isEmpty();
  }

  @Test
  void it_answers_over_tcp_as_well() throws Exception {
    assertThat(ask("finance-payments", A).code()).isZero();
    try (var raw = new Raw("127.0.1.1", stage.settings().insideDns(), OURS)) {
      for (var i = 0; i < 2; i++) {
        var bytes = query("finance-payments", A);
        raw.socket().getOutputStream().write(Forwarder.framed(bytes).getBytes());
        var length = raw.in().read() << 8 | raw.in().read();
        assertThat(new Reply(raw.in().readNBytes(length)).lastAddress()).isEqualTo("127.0.1.1");
      }
    }
  }

  @Test
  @Tag("NET-4")
  void silence_becomes_a_temporary_failure() throws Exception {
    assertThat(ask("finance-payments", A).code()).isZero();
    try (var raw = new Raw("127.0.1.1", stage.settings().insideDns(), OURS)) {
      raw.socket().setSoTimeout(10_000);
      raw.socket()
          .getOutputStream()
          .write(Forwarder.framed(query("silent.example.com", A)).getBytes());
      var length = raw.in().read() << 8 | raw.in().read();
      assertThat(new Reply(raw.in().readNBytes(length)).code()).isEqualTo(2);
    }
  }
}
