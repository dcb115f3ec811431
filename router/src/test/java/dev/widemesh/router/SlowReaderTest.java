package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RouteTable.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A client on a thin line, which never stops to read: whatever goes on around it, all of its
/// answer arrives.
@DisplayNameGeneration(ReplaceUnderscores.class)
class SlowReaderTest {
  /// More than the system keeps for a connection: the end of it waits in the router.
  private static final int SIZE = 6_000_000;

  private static final int PIECE = 16_384;
  private static final Duration PATIENT = Duration.ofMinutes(2);

  @TempDir Path folder;
  private final byte[] bytes = random();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);

  @AfterEach
  void end() {
    over.countDown();
    threads.close();
  }

  /// So many connections wait for a request that whoever waits longest has to go.
  @Test
  @Tag("RTR-8")
  void gets_every_byte_in_a_crowd() throws Exception {
    try (var stage = new Stage(folder, settings(PATIENT), "127.0.0.1", 0);
        var web = instance("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
        var reader = reader(stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      ask(reader);
      var got = new ByteArrayOutputStream();
      stage.serve(stage.table(Stage.instance("w-1", web.port(), Role.DRAINING)));
      var received =
          threads.submit(() -> stage.rack().report(r -> r.drained().contains("w-1")).applied());
      while (!received.isDone()) {
        read(reader, got, 1, Duration.ofMillis(10));
      }
      assertThat(received.get()).isEqualTo(2);
      assertThat(got.size()).isLessThan(SIZE);

      var full = new CountDownLatch(1);
      var crowd = threads.submit(() -> crowd(stage.port(), full));
      while (full.getCount() > 0 && !crowd.isDone()) {
        read(reader, got, 1, Duration.ofMillis(100));
      }
      read(reader, got, SIZE / PIECE * 10, Duration.ofMillis(15));

      over.countDown();
      assertThat(crowd.get()).isGreaterThan(Settings.WAITING);
      assertWhole(got);
    }
  }

  /// The system asks for more only when a third of what it holds has left, and that takes a while.
  @Test
  @Tag("RTR-8")
  void gets_every_byte_though_nothing_moves_here_for_longer_than_a_client_may_stand_still()
      throws Exception {
    try (var stage = new Stage(folder, settings(Duration.ofSeconds(1)), "127.0.0.1", 0);
        var web = instance("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
        var reader = reader(stage.port())) {
      stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
      ask(reader);
      var got = new ByteArrayOutputStream();
      read(reader, got, SIZE / PIECE + 1, Duration.ofMillis(25));

      assertWhole(got);
    }
  }

  private RawBackend instance(String head) throws IOException {
    return RawBackend.start(
        (in, socket) -> {
          if (RawBackend.head(in).isEmpty()) {
            return;
          }
          RawBackend.write(socket, head);
          socket.getOutputStream().write(bytes);
          var _ = in.read();
        });
  }

  /// Connects again and again and asks for nothing, until the reader is done; how often.
  private int crowd(int port, CountDownLatch full) throws IOException {
    var crowd = new ArrayDeque<Raw>();
    try {
      var came = 0;
      for (; over.getCount() > 0; came++) {
        crowd.add(new Raw("127.0.0.1", port, "127.0.%d.1".formatted(2 + came / 1_000 % 200)));
        if (crowd.size() > Settings.WAITING + 500) {
          full.countDown();
          crowd.remove().close();
        }
      }
      return came;
    } finally {
      for (var one : crowd) {
        one.close();
      }
    }
  }

  private static Socket reader(int port) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 3_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  /// Until the end of the answer's head.
  private static void ask(Socket reader) throws IOException {
    var request = "GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\n\r\n";
    reader.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      var c = reader.getInputStream().read();
      assertThat(c).as(head.toString()).isNotNegative();
      head.append((char) c);
    }
  }

  /// So many pieces at that pace, or what there is; none of it is the head.
  private static void read(Socket reader, ByteArrayOutputStream into, int pieces, Duration pace)
      throws IOException, InterruptedException {
    for (var i = 0; i < pieces && into.size() < SIZE; i++) {
      var piece = reader.getInputStream().readNBytes(Math.min(PIECE, SIZE - into.size()));
      if (piece.length == 0) {
        return;
      }
      into.writeBytes(piece);
      Thread.sleep(pace);
    }
  }

  private void assertWhole(ByteArrayOutputStream got) {
    assertThat(got.size()).isEqualTo(SIZE);
    assertThat(Arrays.equals(got.toByteArray(), bytes)).isTrue();
  }

  private static byte[] random() {
    var bytes = new byte[SIZE];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  /// Nothing else happens because of the time.
  private static Settings settings(Duration idle) throws IOException {
    var usual = Stage.settings(Path.of("/etc/resolv.conf"));
    return new Settings(
        usual.insideHttp(),
        usual.insideDns(),
        PATIENT,
        idle,
        usual.answer(),
        usual.hold(),
        usual.tunnelIdle(),
        usual.drain(),
        usual.bodyLimit(),
        usual.laggards(),
        usual.resolvers());
  }
}
