package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LaggardTest {
  private static final int MOST = 40;

  /// More than the system keeps for a connection.
  private static final int SIZE = 15_000_000;

  /// Nothing happens because of the time.
  private static final Duration PATIENT = Duration.ofMinutes(2);

  private static final Duration QUICK = Duration.ofSeconds(2);

  @TempDir Path folder;

  /// Each of them holds a part of its answer in the router's memory.
  @Test
  @Tag("RTR-8")
  void clients_that_do_not_read_push_out_each_other_and_nobody_else() throws Exception {
    var large = folder.resolve("large");
    Files.write(large, new byte[SIZE]);
    Set<Integer> cut = ConcurrentHashMap.newKeySet();
    try (var stage = new Stage(folder, settings(PATIENT, PATIENT, MOST), "127.0.0.1", 0);
        var backend =
            Backend.start(
                request -> {
                  var number = Integer.parseInt(request.uri().substring(1));
                  request.connection().closeHandler(_ -> cut.add(number));
                  if (number < 0) {
                    request.response().end("fine");
                  } else {
                    request.response().sendFile(large.toString());
                  }
                })) {
      stage.serve(stage.table(Stage.current("web-1", backend.port())), "web-1");
      var laggards = new ArrayList<Socket>();
      try {
        for (var i = 0; i < 2 * MOST; i++) {
          laggards.add(laggard(stage.port(), "/" + i));
        }
        Wait.until("the excess was cut", () -> cut.size() >= MOST);
        // Though they read nothing, neither we nor the kernel hold anything for them.
        Wait.until("they are gone", () -> OpenSockets.at(stage.port()) <= 2 * MOST - cut.size());

        var request = "GET /-1 HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nConnection: close\r\n\r\n";
        assertThat(Raw.exchange(stage.port(), request)).contains(" 200 ").endsWith("fine");
        assertThat(cut).hasSizeLessThan(2 * MOST);
        assertThat(OpenSockets.at(stage.port())).isEqualTo(2 * MOST - cut.size());
        for (var i : cut) {
          assertThat(cutShort(laggards.get(i))).as("laggard " + i).isTrue();
        }
      } finally {
        close(laggards);
      }
    }
  }

  /// The instance has given all of its answer, the router has sent all of it, or nearly so: nobody
  /// but the client is in the way.
  @Test
  @Tag("RTR-8")
  void the_end_of_an_answer_that_nobody_takes_is_dropped() throws Exception {
    Set<Integer> asked = ConcurrentHashMap.newKeySet();
    try (var stage = new Stage(folder, settings(PATIENT, QUICK, 1_000), "127.0.0.1", 0);
        var backend =
            Backend.start(
                request -> {
                  var size = Integer.parseInt(request.uri().substring(1));
                  asked.add(size);
                  request.response().end(Buffer.buffer(new byte[size]));
                })) {
      stage.serve(stage.table(Stage.current("web-1", backend.port())), "web-1");
      var laggards = new ArrayList<Socket>();
      try {
        for (var size = 100_000; size <= 6_000_000; size += 100_000) {
          laggards.add(laggard(stage.port(), "/" + size));
        }
        Wait.until("all asked", () -> asked.size() == laggards.size());

        Wait.until("they are gone", () -> OpenSockets.at(stage.port()) == 0);
      } finally {
        close(laggards);
      }
    }
  }

  /// What it was sent would wait for it in the router's memory.
  @Test
  @Tag("RTR-8")
  void an_instance_that_does_not_read_is_let_go() throws Exception {
    var asked = new CountDownLatch(1);
    var over = new CountDownLatch(1);
    try (var stage = new Stage(folder, settings(QUICK, QUICK, 1_000), "127.0.0.1", 0);
        var web =
            RawBackend.start(
                (in, _) -> {
                  if (!RawBackend.head(in).isEmpty()) {
                    asked.countDown();
                    var _ = over.await(1, TimeUnit.MINUTES);
                  }
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      client.send(
          "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n".formatted(Stage.HOST, SIZE));
      Thread.ofVirtual().start(() -> send(client));

      assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(client.head()).contains(" 408 ");
      Wait.until("it is let go", () -> OpenSockets.to(web.port()) == 0);
    } finally {
      over.countDown();
    }
  }

  private static void send(Raw client) {
    try {
      client.socket().getOutputStream().write(new byte[SIZE]);
    } catch (IOException _) {
      // It is refused before its end.
    }
  }

  /// With so long for an instance, and for a client, of whom nothing is heard.
  private static Settings settings(Duration answer, Duration idle, int laggards)
      throws IOException {
    var usual = Stage.settings(Path.of("/etc/resolv.conf"));
    return new Settings(
        usual.insideHttp(),
        usual.insideDns(),
        usual.head(),
        idle,
        answer,
        usual.hold(),
        usual.tunnelIdle(),
        Duration.ofSeconds(1),
        2L * SIZE,
        laggards,
        usual.resolvers());
  }

  private static Socket laggard(int port, String path) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 3_000);
    socket.setSoTimeout(10_000);
    var request = "GET " + path + " HTTP/1.1\r\nHost: " + Stage.HOST + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /// Read to its end, which comes before the answer is whole.
  private static boolean cutShort(Socket socket) throws IOException {
    var read = 0L;
    try {
      var piece = new byte[65_536];
      for (var got = socket.getInputStream().read(piece);
          got >= 0;
          got = socket.getInputStream().read(piece)) {
        read += got;
      }
      return read < SIZE;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (SocketException _) {
      return read < SIZE;
    }
  }

  private static void close(List<Socket> sockets) throws IOException {
    for (var socket : sockets) {
      socket.close();
    }
  }
}
