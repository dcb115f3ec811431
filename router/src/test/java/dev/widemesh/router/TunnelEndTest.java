package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RouteTable.Instance;
import dev.widemesh.api.rack.RouteTable.Role;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// However slowly one side of a tunnel reads: what the other sent before its end arrives, and then
/// the end.
@DisplayNameGeneration(ReplaceUnderscores.class)
class TunnelEndTest {
  /// 1012, "service restart".
  private static final String COME_AGAIN = "\u0088\u0002\u0003\u00f4";

  @TempDir Path folder = Path.of("");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch sent = new CountDownLatch(1);
  private Stage stage;

  @BeforeEach
  void start() throws IOException {
    stage = Thin.stage(folder);
  }

  @AfterEach
  void stop() {
    stage.close();
    threads.close();
  }

  private interface Script {
    void run(InputStream in, Socket socket) throws Exception;
  }

  /// An instance that takes every upgrade to `protocol`, and then does this.
  private ServerSocket instance(String protocol, Script script) throws Exception {
    var server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    var _ = threads.submit(() -> accept(server, protocol, script));
    stage.serve(stage.table(Stage.current("w-1", server.getLocalPort())), "w-1");
    return server;
  }

  private Void accept(ServerSocket server, String protocol, Script script) throws IOException {
    while (!server.isClosed()) {
      var socket = server.accept();
      var _ = threads.submit(() -> serve(socket, protocol, script));
    }
    return null;
  }

  private static Void serve(Socket socket, String protocol, Script script) throws Exception {
    try (socket) {
      socket.setSoTimeout(15_000);
      var in = socket.getInputStream();
      if (!Thin.head(in).isEmpty()) {
        Thin.send(
            socket,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n"
                .formatted(protocol));
        script.run(in, socket);
      }
      return null;
    }
  }

  private Socket open(String protocol) throws IOException {
    var client = Thin.connect(stage.port());
    ask(client, protocol);
    return client;
  }

  private static void ask(Socket client, String protocol) throws IOException {
    Thin.send(
        client,
        "GET / HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n"
            .formatted(Stage.HOST, protocol));
    assertThat(Thin.head(client.getInputStream())).contains(" 101 ");
  }

  private void send(Socket socket) throws IOException {
    socket.getOutputStream().write(Thin.bytes());
    sent.countDown();
  }

  /// Some of it waits on the way before any of it is read.
  private void awaitSent() throws InterruptedException {
    var _ = sent.await(1, TimeUnit.SECONDS);
  }

  private static void assertWhole(Thin.Got got) {
    assertThat(got.toString()).isEqualTo("6000000 right of 6000000, then USUAL");
  }

  @Test
  @Tag("RTR-2")
  void all_that_an_instance_sent_before_it_closed_arrives() throws Exception {
    try (var _ = instance("raw", (_, socket) -> send(socket));
        var client = open("raw")) {
      awaitSent();

      assertWhole(Thin.read(client.getInputStream()));
    }
  }

  @Test
  @Tag("RTR-2")
  void an_instance_that_ended_its_half_still_hears() throws Exception {
    var heard = new Heard();
    try (var _ =
            instance(
                "raw",
                (in, socket) -> {
                  send(socket);
                  socket.shutdownOutput();
                  heard.all(in);
                });
        var client = open("raw")) {
      awaitSent();

      assertWhole(Thin.read(client.getInputStream()));
      Thin.send(client, "thanks");
      client.shutdownOutput();
      assertThat(heard.got().text()).isEqualTo("thanks");
      assertThat(heard.got().end()).isEqualTo(Thin.End.USUAL);
    }
  }

  @Test
  @Tag("RTR-2")
  void all_that_a_web_socket_said_arrives_and_then_the_call_to_come_again() throws Exception {
    var head = new byte[] {(byte) 0x82, 127};
    try (var _ =
            instance(
                "websocket",
                (_, socket) -> {
                  var out = socket.getOutputStream();
                  out.write(head);
                  out.write(ByteBuffer.allocate(Long.BYTES).putLong(Thin.SIZE).array());
                  send(socket);
                });
        var client = open("websocket")) {
      awaitSent();
      assertThat(client.getInputStream().readNBytes(2)).isEqualTo(head);
      var _ = client.getInputStream().readNBytes(Long.BYTES);

      var message = Thin.read(client.getInputStream(), Thin.SIZE);
      assertThat(message.right()).isEqualTo(Thin.SIZE);
      var rest = Thin.read(client.getInputStream());
      assertThat(rest.text()).isEqualTo(COME_AGAIN);
      assertThat(rest.end()).isEqualTo(Thin.End.USUAL);
    }
  }

  /// What a slow instance heard.
  private final class Heard {
    private final CompletableFuture<Thin.Got> got = new CompletableFuture<>();

    void all(InputStream in) throws InterruptedException {
      awaitSent();
      got.complete(Thin.read(in));
    }

    Thin.Got got() throws Exception {
      return got.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  @Tag("RTR-2")
  void all_that_a_client_sent_before_it_ended_its_half_arrives_and_the_answer_too()
      throws Exception {
    var heard = new Heard();
    try (var _ =
            instance(
                "raw",
                (in, socket) -> {
                  heard.all(in);
                  Thin.send(socket, "thanks");
                });
        var client = open("raw")) {
      send(client);
      client.shutdownOutput();

      assertWhole(heard.got());
      var answer = Thin.read(client.getInputStream());
      assertThat(answer.text()).isEqualTo("thanks");
      assertThat(answer.end()).isEqualTo(Thin.End.USUAL);
    }
  }

  @Test
  @Tag("RTR-2")
  void all_that_a_client_sent_before_it_closed_arrives() throws Exception {
    var heard = new Heard();
    try (var _ = instance("raw", (in, _) -> heard.all(in))) {
      try (var client = open("raw")) {
        send(client);
      }

      assertWhole(heard.got());
    }
  }

  @Test
  @Tag("RTR-2")
  void both_ways_at_once_nobody_takes_a_part_for_the_whole() throws Exception {
    var heard = new Heard();
    try (var _ =
            instance(
                "raw",
                (in, socket) -> {
                  var sending = threads.submit(() -> sendAndEnd(socket));
                  heard.all(in);
                  var _ = sending.get();
                });
        var client = open("raw")) {
      Future<?> sending = threads.submit(() -> sendAndEnd(client));
      awaitSent();

      assertNoUsualEndTooEarly(Thin.read(client.getInputStream()));
      assertNoUsualEndTooEarly(heard.got());
      var _ = sending.get(10, TimeUnit.SECONDS);
    }
  }

  private static void assertNoUsualEndTooEarly(Thin.Got got) {
    assertThat(got.right()).isEqualTo(got.bytes().length());
    assertThat(got.end())
        .as(got.toString())
        .isEqualTo(got.right() == Thin.SIZE ? Thin.End.USUAL : Thin.End.RESET);
  }

  private Void sendAndEnd(Socket socket) throws IOException {
    send(socket);
    socket.shutdownOutput();
    return null;
  }

  /// Over TLS as over TCP: with the protocol's own goodbye.
  @Test
  @Tag("RTR-2")
  void over_tls_all_that_an_instance_sent_arrives() throws Exception {
    try (var web = instance("raw", (_, socket) -> send(socket))) {
      Thin.serve(stage, folder, web.getLocalPort());
      try (var client = Thin.secure(stage.router().httpsPort())) {
        ask(client, "raw");
        awaitSent();

        assertWhole(Thin.read(client.getInputStream()));
      }
    }
  }

  @Test
  @Tag("RTR-2")
  void over_tls_all_that_a_client_sent_arrives() throws Exception {
    var heard = new Heard();
    try (var web = instance("raw", (in, _) -> heard.all(in))) {
      Thin.serve(stage, folder, web.getLocalPort());
      try (var client = Thin.secure(stage.router().httpsPort())) {
        ask(client, "raw");
        send(client);
      }

      assertWhole(heard.got());
    }
  }

  @Test
  @Tag("RTR-2")
  void an_instance_that_breaks_off_is_heard_to_its_last_byte_and_not_taken_to_have_ended()
      throws Exception {
    try (var _ =
            instance(
                "raw",
                (in, socket) -> {
                  socket.getOutputStream().write(Thin.bytes(), 0, 300_000);
                  // The router has it, whether or not the client takes it.
                  var _ = in.read();
                  socket.setSoLinger(true, 0);
                });
        var client = open("raw")) {
      var first = Thin.read(client.getInputStream(), 100_000);
      Thin.send(client, "!");

      var rest = Thin.read(client.getInputStream());
      assertThat(rest.end()).isEqualTo(Thin.End.RESET);
      assertThat(first.bytes().length() + rest.bytes().length()).isEqualTo(300_000);
    }
  }

  @Test
  @Tag("RTR-2")
  void a_client_that_breaks_off_is_not_taken_to_have_ended() throws Exception {
    var heard = new Heard();
    sent.countDown();
    try (var _ = instance("raw", (in, _) -> heard.all(in))) {
      try (var client = open("raw")) {
        Thin.send(client, "half a");
        client.setSoLinger(true, 0);
      }

      assertThat(heard.got().end()).isEqualTo(Thin.End.RESET);
    }
  }

  @Test
  @Tag("RTR-2")
  void an_instance_that_breaks_off_while_it_should_read_is_not_taken_to_have_ended()
      throws Exception {
    try (var _ =
            instance(
                "raw",
                (_, socket) -> {
                  Thin.send(socket, "half an answer");
                  awaitSent();
                  socket.setSoLinger(true, 0);
                });
        var client = open("raw")) {
      client.getOutputStream().write(Thin.bytes(), 0, 3_000_000);
      client.shutdownOutput();
      sent.countDown();

      assertThat(Thin.read(client.getInputStream()).end()).isEqualTo(Thin.End.RESET);
    }
  }

  /// Its address may be another's soon.
  @Test
  @Tag("RTR-2")
  void an_instance_that_left_the_table_is_not_taken_to_have_ended() throws Exception {
    try (var _ = instance("raw", (_, socket) -> send(socket));
        var client = open("raw")) {
      awaitSent();
      stage.serve(stage.table(new Instance[0]));

      var got = Thin.read(client.getInputStream());
      assertThat(got.end()).isEqualTo(Thin.End.RESET);
      assertThat(got.right()).isEqualTo(got.bytes().length());
    }
  }

  @Test
  @Tag("RTR-7")
  void a_router_that_stops_gives_what_it_has_and_resets_what_was_not_over() throws Exception {
    var over = new CountDownLatch(1);
    try (var web =
            instance(
                "raw",
                (_, socket) -> {
                  socket.getOutputStream().write(Thin.bytes(), 0, 200_000);
                  sent.countDown();
                  var _ = over.await(20, TimeUnit.SECONDS);
                });
        var client = open("raw")) {
      stage.serve(stage.table(Stage.instance("w-1", web.getLocalPort(), Role.DRAINING)));
      awaitSent();
      var first = Thin.read(client.getInputStream(), 50_000);
      var stopping = threads.submit(() -> stage.router().close());

      var rest = Thin.read(client.getInputStream());
      assertThat(first.bytes().length() + rest.bytes().length()).isEqualTo(200_000);
      assertThat(rest.end()).isEqualTo(Thin.End.RESET);
      var _ = stopping.get(10, TimeUnit.SECONDS);
    } finally {
      over.countDown();
    }
  }
}
