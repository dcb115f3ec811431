package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
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

  @TempDir Path folder;

  /// Each of them holds a part of its answer in the router's memory.
  @Test
  @Tag("RTR-8")
  void clients_that_do_not_read_push_out_each_other_and_nobody_else() throws Exception {
    var large = Buffer.buffer(new byte[SIZE]);
    var cut = new AtomicInteger();
    try (var stage = patient();
        var backend =
            Backend.start(
                request -> {
                  request.connection().closeHandler(_ -> cut.incrementAndGet());
                  request.response().end(request.uri().equals("/") ? Buffer.buffer("fine") : large);
                })) {
      stage.serve(stage.table(Stage.current("web-1", backend.port())), "web-1");
      var laggards = new ArrayList<Socket>();
      try {
        for (var i = 0; i < 2 * MOST; i++) {
          laggards.add(laggard(stage.port()));
        }
        Wait.until("the excess was cut", () -> cut.get() >= MOST);

        var request = "GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nConnection: close\r\n\r\n";
        assertThat(Raw.exchange(stage.port(), request)).contains(" 200 ").endsWith("fine");
        assertThat(cut.get()).isLessThan(2 * MOST);
      } finally {
        for (var laggard : laggards) {
          laggard.close();
        }
      }
    }
  }

  /// None of them goes because of the time.
  private Stage patient() throws java.io.IOException {
    var resolvers = Path.of("/etc/resolv.conf");
    var quick = Stage.settings(resolvers);
    var settings =
        new Settings(
            quick.insideHttp(),
            quick.insideDns(),
            quick.head(),
            Duration.ofMinutes(2),
            quick.answer(),
            quick.hold(),
            quick.tunnelIdle(),
            Duration.ofSeconds(1),
            quick.bodyLimit(),
            MOST,
            resolvers);
    return new Stage(folder, settings, "127.0.0.1", 0);
  }

  private static Socket laggard(int port) throws java.io.IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 3_000);
    socket.setSoTimeout(10_000);
    var request = "GET /large HTTP/1.1\r\nHost: " + Stage.HOST + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }
}
