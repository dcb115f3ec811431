package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("alone")
class WebSocketTest {
  /// Echoes; says its version when asked who it is, and closes with the code that it is told. Takes
  /// its time for `/slow`, and says in its log what was under way when it was told to end.
  private static final String SERVER =
      """
      const http = require('http'), crypto = require('crypto')
      let busy = 0
      process.on('SIGTERM', () => { console.log(`SIGTERM, ${busy} under way`); process.exit() })
      const server = http.createServer((request, response) => {
        let body = ''
        busy++
        response.on('close', () => { busy-- })
        request.on('data', part => { body += part }).on('end', () =>
          setTimeout(() => response.end('VERSION ' + body), request.url === '/slow' ? 5000 : 0))
      })
      const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
      server.on('upgrade', (request, socket) => {
        const accept = crypto.createHash('sha1')
          .update(request.headers['sec-websocket-key'] + GUID).digest('base64')
        socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n' +
          `Connection: Upgrade\\r\\nSec-WebSocket-Accept: ${accept}\\r\\n\\r\\n`)
        const send = (first, payload) => {
          const head = Buffer.alloc(10)
          head[0] = first
          let size = 2
          if (payload.length < 126) head[1] = payload.length
          else if (payload.length < 65536) { head[1] = 126; head.writeUInt16BE(payload.length, 2); size = 4 }
          else { head[1] = 127; head.writeBigUInt64BE(BigInt(payload.length), 2); size = 10 }
          socket.write(Buffer.concat([head.subarray(0, size), payload]))
        }
        let parts = [], have = 0
        socket.on('error', () => {})
        socket.on('data', part => {
          parts.push(part)
          have += part.length
          if (have < need()) return
          let rest = Buffer.concat(parts)
          for (let frame = next(rest); frame; frame = next(rest)) {
            rest = frame.rest
            const text = frame.payload.length < 20 ? frame.payload.toString() : ''
            if ((frame.first & 15) === 8) { send(0x88, frame.payload); socket.end() }
            else if (text === 'who') send(0x81, Buffer.from('VERSION'))
            else if (text.startsWith('close ')) {
              const code = Buffer.alloc(2)
              code.writeUInt16BE(Number(text.slice(6)))
              send(0x88, code)
            } else send(frame.first, frame.payload)
          }
          parts = [rest]
          have = rest.length
        })
        const need = () => {
          if (parts[0].length < 10 && parts.length > 1) parts = [Buffer.concat(parts)]
          const b = parts[0], short = b.length > 1 ? b[1] & 127 : 0
          if (short === 126 && b.length > 3) return 8 + b.readUInt16BE(2)
          if (short === 127 && b.length > 9) return 14 + Number(b.readBigUInt64BE(2))
          return 6 + (short < 126 ? short : 0)
        }
        const next = b => {
          if (b.length < 6) return null
          let size = b[1] & 127, at = 2
          if (size === 126) { size = b.readUInt16BE(2); at = 4 }
          else if (size === 127) { if (b.length < 14) return null; size = Number(b.readBigUInt64BE(2)); at = 10 }
          if (b.length < at + 4 + size) return null
          const payload = Buffer.from(b.subarray(at + 4, at + 4 + size))
          for (let i = 0; i < size; i++) payload[i] ^= b[at + (i & 3)]
          return { first: b[0], payload, rest: b.subarray(at + 4 + size) }
        }
      })
      server.listen(process.env.PORT, '0.0.0.0')
      """;

  private static final int LARGE = 2_000_000;
  private static final int MANY = 500;
  private static final Duration SLOW = Duration.ofSeconds(20);

  private final TestPlatform platform;
  private final App app;
  private final Vertx vertx = Vertx.vertx();
  // Kept: a client that nobody refers to any more is collected, and its connections end.
  private final WebSocketClient plain;
  private final WebSocketClient trusting;

  WebSocketTest(TestPlatform platform) throws IOException {
    this.platform = platform;
    plain = client(false);
    trusting = client(true);
    app = App.create(platform, platform.environmentOf("ws"), "chat");
    version("one").push().ok();
  }

  @AfterAll
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private App version(String name) throws IOException {
    return app.node(name).write("server.js", SERVER.replace("VERSION", name)).commit(name);
  }

  /// A socket with what it heard.
  private record Talk(
      WebSocket socket, LinkedBlockingQueue<Buffer> heard, CompletableFuture<Integer> closed) {
    Buffer hear() throws InterruptedException {
      var next = heard.poll(20, TimeUnit.SECONDS);
      assertThat(next).isNotNull();
      return java.util.Objects.requireNonNull(next);
    }

    String ask(String text) throws Exception {
      socket.writeTextMessage(text).await(10, TimeUnit.SECONDS);
      return hear().toString();
    }
  }

  private WebSocketClient client(boolean secure) {
    var options =
        new WebSocketClientOptions()
            .setMaxConnections(2 * MANY)
            .setMaxFrameSize(LARGE)
            .setMaxMessageSize(LARGE);
    var ca = platform.data.resolve("ca.pem").toString();
    return vertx.createWebSocketClient(
        secure
            ? options.setSsl(true).setTrustOptions(new PemTrustOptions().addCertPath(ca))
            : options);
  }

  private Talk connect(boolean secure) throws Exception {
    var port = secure ? platform.https : platform.http;
    var options =
        new WebSocketConnectOptions()
            .setHost(app.host())
            .setPort(port)
            .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
            .setURI("/chat");
    var heard = new LinkedBlockingQueue<Buffer>();
    var closed = new CompletableFuture<Integer>();
    var socket =
        (secure ? trusting : plain)
            .connect(options)
            .onSuccess(
                opened -> {
                  opened.binaryMessageHandler(heard::add);
                  opened.textMessageHandler(text -> heard.add(Buffer.buffer(text)));
                  opened.closeHandler(_ -> closed.complete(code(opened)));
                })
            .await(20, TimeUnit.SECONDS);
    return new Talk(socket, heard, closed);
  }

  private static int code(WebSocket socket) {
    var code = socket.closeStatusCode();
    return code == null ? -1 : code;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Tag("RTR-2")
  void messages_small_and_large_pass_both_ways_and_so_do_the_codes_of_the_end(boolean secure)
      throws Exception {
    var talk = connect(secure);
    for (var i = 0; i < 50; i++) {
      assertThat(talk.ask("hello " + i)).isEqualTo("hello " + i);
    }
    var bytes = new byte[LARGE];
    new Random(3).nextBytes(bytes);
    talk.socket().writeBinaryMessage(Buffer.buffer(bytes)).await(20, TimeUnit.SECONDS);
    assertThat(talk.hear().getBytes()).isEqualTo(bytes);

    talk.socket().writeTextMessage("close 4001").await(10, TimeUnit.SECONDS);
    assertThat(talk.closed().get(10, TimeUnit.SECONDS)).isEqualTo(4001);

    var other = connect(secure);
    other.socket().close((short) 4002, "enough").await(10, TimeUnit.SECONDS);
    assertThat(other.closed().get(10, TimeUnit.SECONDS)).isEqualTo(4002);
  }

  /// Kept while the old instance drains; then the client is told to come again. Requests that take
  /// five seconds and connections that are kept for the next one are under way all the while.
  @Test
  @Tag("nightly")
  @Tag("DEP-9")
  @Tag("RTR-2")
  void a_socket_outlives_a_roll_out_by_the_drain_time_and_no_request_is_lost() throws Exception {
    var talk = connect(true);
    var before = talk.ask("who");
    assertThat(talk.ask("who")).isEqualTo(before);

    var began = System.nanoTime();
    try (var steady = new Load(app, 10, Duration.ofMillis(20));
        var slow = Load.at("/slow", app, 10)) {
      Await.until("slow ones are under way", SLOW, () -> slow.answered() >= 10);
      version(before.equals("one") ? "two" : "one").push().ok();
      var live = System.nanoTime();

      assertThat(connect(false).ask("who")).isNotEqualTo(before);
      assertThat(talk.ask("who")).isEqualTo(before);
      assertThat(talk.closed().get(50, TimeUnit.SECONDS)).isEqualTo(1012);
      assertThat(Duration.ofNanos(System.nanoTime() - live)).isGreaterThan(Duration.ofSeconds(20));
      assertThat(connect(true).ask("who")).isNotEqualTo(before);
      var seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
      System.out.printf(
          "a roll-out: %d and %d answered in %d s%n", steady.answered(), slow.answered(), seconds);
      assertThat(steady.failures()).isEmpty();
      assertThat(slow.failures()).isEmpty();
      // A fifth and a half of what they could at most.
      assertThat(steady.answered()).isGreaterThan(100 * seconds);
      assertThat(slow.answered()).isGreaterThan(seconds);
    }
    Await.until("its last word", SLOW, () -> lastWords().contains("SIGTERM, "));
    assertThat(lastWords())
        .contains("SIGTERM, 0 under way")
        .doesNotContainPattern("SIGTERM, [1-9]");
  }

  private String lastWords() {
    return app.mesh("logs", "--since", "5m", "--no-follow").ok().out();
  }

  @Test
  @Tag("nightly")
  @Tag("RTR-7")
  void a_router_that_ends_tells_every_socket_to_come_again_and_its_successor_takes_them()
      throws Exception {
    var talks = many();
    var old = ProcessHandle.of(platform.pidOf("router")).orElseThrow();

    try (var load = new Load(app, 8, Duration.ofMillis(20))) {
      old.destroy();
      for (var talk : talks) {
        assertThat(talk.closed().get(60, TimeUnit.SECONDS)).isEqualTo(1012);
      }
      assertThat(many()).hasSize(MANY);
      assertThat(load.failures()).isEmpty();
    }
    Await.until("the old router ended", Duration.ofSeconds(30), () -> !old.isAlive());
    assertThat(platform.pidOf("router")).isNotEqualTo(old.pid());
  }

  private List<Talk> many() throws Exception {
    var talks = new ArrayList<Talk>();
    for (var i = 0; i < MANY; i++) {
      talks.add(connect(i % 2 == 0));
    }
    return talks;
  }
}
