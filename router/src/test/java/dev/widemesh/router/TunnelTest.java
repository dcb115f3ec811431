package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RouteTable.Role;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TunnelTest {
  private static final String UPGRADE =
      "GET /chat HTTP/1.1\r\nHost: "
          + Stage.HOST
          + "\r\nUpgrade: raw\r\nConnection: keep-alive, Upgrade\r\n\r\n";

  private static final String SWITCHED =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: Upgrade\r\n\r\n";

  @Test
  @Tag("RTR-2")
  void web_sockets_talk_both_ways(@TempDir Path folder) throws Exception {
    var vertx = Vertx.vertx();
    try (var stage = new Stage(folder)) {
      var server =
          Wait.done(
              vertx
                  .createHttpServer()
                  .webSocketHandler(socket -> socket.textMessageHandler(socket::writeTextMessage))
                  .listen(0, "127.0.0.1"));
      stage.serve(stage.table(Stage.current("w-1", server.actualPort())), "w-1");
      var client = vertx.createWebSocketClient(new WebSocketClientOptions());
      var options =
          new WebSocketConnectOptions()
              .setHost(Stage.HOST)
              .setPort(stage.port())
              .setServer(
                  io.vertx.core.net.SocketAddress.inetSocketAddress(stage.port(), "127.0.0.1"))
              .setURI("/chat");
      var socket = Wait.done(client.connect(options));
      var answers = new LinkedBlockingQueue<String>();
      socket.textMessageHandler(answers::add);
      for (var i = 0; i < 20; i++) {
        Wait.done(socket.writeTextMessage("hello " + i));
        assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("hello " + i);
      }

      Wait.done(socket.close());
    } finally {
      Wait.done(vertx.close());
    }
  }

  @Test
  @Tag("DEP-9")
  void a_tunnel_counts_as_in_flight_until_it_ends(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web =
            RawBackend.start(
                (in, socket) -> {
                  var _ = RawBackend.head(in);
                  RawBackend.write(socket, SWITCHED + "first");
                  for (var c = in.read(); c >= 0; c = in.read()) {
                    RawBackend.write(socket, "<" + (char) c + ">");
                  }
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      client.send(UPGRADE);
      assertThat(client.until("first")).startsWith("HTTP/1.1 101").endsWith("\r\n\r\nfirst");
      client.send("a");
      assertThat(client.until(">")).isEqualTo("<a>");

      stage.serve(stage.table(Stage.instance("w-1", web.port(), Role.DRAINING)));
      assertThat(stage.rack().report(r -> r.applied() == 2).drained()).isEmpty();
      client.send("b");
      assertThat(client.until(">")).isEqualTo("<b>");

      client.socket().close();
      var _ = stage.rack().report(r -> r.drained().contains("w-1"));
    }
  }

  @Test
  void a_refused_upgrade_passes_as_an_answer(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web = Backend.start(request -> request.response().setStatusCode(403).end("no"));
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      client.send(UPGRADE);

      assertThat(client.until("no")).contains(" 403 ").endsWith("no");
    }
  }

  /// 400 MB towards a client that reads nothing must stay at the instance.
  @Test
  void a_client_that_does_not_read_stops_the_instance(@TempDir Path folder) throws Exception {
    var blocked = new CountDownLatch(1);
    try (var stage = new Stage(folder);
        var web =
            RawBackend.start(
                (in, socket) -> {
                  var _ = RawBackend.head(in);
                  RawBackend.write(socket, SWITCHED);
                  var channel = socket.getOutputStream();
                  var piece = Buffer.buffer(new byte[1 << 20]).getBytes();
                  var writer =
                      Thread.ofPlatform()
                          .daemon()
                          .start(
                              () -> {
                                try {
                                  for (var i = 0; i < 400; i++) {
                                    channel.write(piece);
                                  }
                                } catch (java.io.IOException _) {
                                  // The test is over.
                                }
                              });
                  writer.join(1_500);
                  assertThat(writer.isAlive()).isTrue();
                  blocked.countDown();
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      client.send(UPGRADE);

      assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static final String WEB_SOCKET = UPGRADE.replace(": raw", ": websocket");

  private static final String SPEAKS = SWITCHED.replace(": raw", ": websocket");

  /// 1012, "service restart": browsers' libraries connect again at that.
  private static final String COME_AGAIN = "\u0088\u0002\u0003\u00f4";

  @Test
  @Tag("RTR-2")
  void a_web_socket_whose_instance_goes_is_told_to_come_again(@TempDir Path folder)
      throws Exception {
    try (var stage = new Stage(folder);
        var web =
            RawBackend.start(
                (in, socket) -> {
                  var _ = RawBackend.head(in);
                  RawBackend.write(socket, SPEAKS + "\u0081\u0005hello");
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      client.send(WEB_SOCKET);

      assertThat(client.rest()).endsWith("\u0081\u0005hello" + COME_AGAIN);
    }
  }

  @Test
  void nothing_is_written_into_a_frame_or_after_a_goodbye(@TempDir Path folder) throws Exception {
    for (var last : java.util.List.of("\u0082\u0005hel", "\u0082~\u0001", "\u0088\u0000")) {
      try (var stage = new Stage(java.nio.file.Files.createTempDirectory(folder, "s"));
          var web =
              RawBackend.start(
                  (in, socket) -> {
                    var _ = RawBackend.head(in);
                    RawBackend.write(socket, SPEAKS + last);
                  });
          var client = new Raw("127.0.0.1", stage.port())) {
        stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
        client.send(WEB_SOCKET);

        assertThat(client.rest()).endsWith("\r\n\r\n" + last);
      }
    }
  }

  @Test
  @Tag("RTR-7")
  void a_router_that_stops_tells_its_web_sockets_at_once(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web =
            RawBackend.start(
                (in, socket) -> {
                  var _ = RawBackend.head(in);
                  RawBackend.write(socket, SPEAKS + "\u0081\u0005there");
                  var _ = in.read();
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      client.send(WEB_SOCKET);
      assertThat(client.until("there")).endsWith("there");

      var stopping = Thread.ofVirtual().start(() -> stage.router().close());

      assertThat(client.rest()).isEqualTo(COME_AGAIN);
      stopping.join(3_000);
      assertThat(stopping.isAlive()).isFalse();
    }
  }

  /// A router that hands over waits for every connection that it knows of.
  @Test
  @Tag("RTR-7")
  void a_tunnel_that_ended_is_forgotten(@TempDir Path folder) throws Exception {
    try (var stage = new Stage(folder);
        var web =
            RawBackend.start(
                (in, socket) -> {
                  var _ = RawBackend.head(in);
                  RawBackend.write(socket, SWITCHED + "bye");
                })) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      for (var i = 0; i < 3; i++) {
        try (var client = new Raw("127.0.0.1", stage.port())) {
          client.send(UPGRADE);
          assertThat(client.rest()).endsWith("bye");
        }
      }

      var begin = System.nanoTime();
      stage.router().handOver();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(stage.settings().drain());
    }
  }

  /// Nobody else is there any more when its instance went.
  @Test
  @Tag("RTR-8")
  void a_client_that_does_not_take_the_end_of_a_tunnel_is_let_go(@TempDir Path folder)
      throws Exception {
    try (var stage = new Stage(folder);
        var web =
            RawBackend.start(
                (in, socket) -> {
                  var _ = RawBackend.head(in);
                  RawBackend.write(socket, SWITCHED);
                  var writer = Thread.ofVirtual().start(() -> flood(socket));
                  assertThat(writer.join(Duration.ofSeconds(1))).isFalse();
                  socket.setSoLinger(true, 0);
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      client.send(UPGRADE);
      Wait.until("it is there", () -> OpenSockets.to(web.port()) == 1);

      Wait.until("it is let go", () -> OpenSockets.at(stage.port()) == 0);
    }
  }

  private static void flood(Socket socket) {
    try {
      socket.getOutputStream().write(new byte[50_000_000]);
    } catch (java.io.IOException _) {
      // The connection is over.
    }
  }
}
