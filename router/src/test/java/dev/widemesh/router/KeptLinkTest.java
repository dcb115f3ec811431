package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A connection to an instance serves one request after the other: none of them pays for what the
/// one before it left behind.
@DisplayNameGeneration(ReplaceUnderscores.class)
class KeptLinkTest {
  private static final int PIECE = 8 * 1024;

  /// The shortest that is common.
  private static final Duration KEEP_ALIVE = Duration.ofMillis(1_100);

  @TempDir Path folder = Path.of("");
  private final Vertx vertx = Vertx.vertx();

  /// All go over one connection, so to one event loop, and none takes another's room.
  private final HttpClient client =
      vertx.createHttpClient(
          SecureClient.options(HttpVersion.HTTP_2).setHttp2ConnectionWindowSize(100_000_000));

  private Stage stage;

  @BeforeEach
  void start() throws IOException {
    stage = Thin.stage(folder);
  }

  @AfterEach
  void stop() {
    Wait.done(vertx.close());
    stage.close();
  }

  private void serve(int port) throws Exception {
    Thin.serve(stage, folder, port);
  }

  private Future<HttpClientResponse> get(int bytes) {
    return SecureClient.ask(client, stage, HttpMethod.GET, "/" + bytes, Buffer.buffer());
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    var body = response.body();
    response.resume();
    return body;
  }

  /// Each size that may end in the very piece that its client has no room for.
  @Test
  @Tag("RTR-2")
  void the_next_answer_does_not_wait_for_the_client_of_the_one_before() throws Exception {
    try (var web =
        Backend.start(
            request ->
                request
                    .response()
                    .end(Buffer.buffer(new byte[Integer.parseInt(request.uri().substring(1))])))) {
      serve(web.port());

      for (var size = 8 * PIECE; size <= 40 * PIECE; size += PIECE / 2) {
        var first = Wait.done(get(size));
        var second = Wait.done(get(size).compose(KeptLinkTest::body));
        assertThat(second.length()).as("%d bytes".formatted(size)).isEqualTo(size);
        assertThat(Wait.done(body(first)).length()).isEqualTo(size);
      }
    }
  }

  /// As every server does that ends its idle connections: now and then just when a request comes.
  @Test
  @Tag("RTR-2")
  void a_post_goes_over_no_connection_that_may_be_about_to_end() throws Exception {
    var ended = new AtomicInteger();
    try (var web =
            RawBackend.start(
                (in, socket) -> {
                  var last = System.nanoTime();
                  while (!RawBackend.head(in).isEmpty()) {
                    if (System.nanoTime() - last > KEEP_ALIVE.toNanos()) {
                      ended.incrementAndGet();
                      return;
                    }
                    RawBackend.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    last = System.nanoTime();
                  }
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      serve(web.port());

      for (var rest = KEEP_ALIVE.toMillis() / 4; rest < 5_000; rest *= 2) {
        client.send(
            "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n".formatted(Stage.HOST));
        assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200");
        // The time is what this is about.
        TimeUnit.MILLISECONDS.sleep(rest);
      }
      assertThat(ended).hasValue(0);
      client.send("GET / HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(Stage.HOST));
      assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200");
    }
  }

  /// What nobody asked for is nobody's answer.
  @Test
  @Tag("RTR-5")
  void an_answer_too_many_is_for_nobody() throws Exception {
    var answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    try (var web =
        RawBackend.start(
            (in, socket) -> {
              for (var head = RawBackend.head(in); !head.isEmpty(); head = RawBackend.head(in)) {
                RawBackend.write(socket, answer + "ok" + answer + "no");
              }
            })) {
      serve(web.port());

      for (var i = 0; i < 20; i++) {
        var got = Wait.done(get(0));
        assertThat(got.statusCode()).isEqualTo(200);
        assertThat(Wait.done(body(got))).hasToString("ok");
      }
    }
  }

  @Test
  @Tag("RTR-8")
  void an_instance_that_never_gets_to_its_answer_is_given_up() throws Exception {
    try (var web =
        RawBackend.start(
            (in, socket) -> {
              if (!RawBackend.head(in).isEmpty()) {
                var hint =
                    "HTTP/1.1 103 Early Hints\r\nLink: </%s>\r\n\r\n".formatted("x".repeat(1_000));
                for (var i = 0; i < 1_000; i++) {
                  RawBackend.write(socket, hint);
                }
                RawBackend.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              }
            })) {
      serve(web.port());

      assertThat(Wait.done(get(0)).statusCode()).isEqualTo(502);
    }
  }

  @Test
  @Tag("RTR-2")
  void a_client_of_http_1_0_gets_the_answer_and_nothing_before_it() throws Exception {
    try (var web =
        RawBackend.start(
            (in, socket) -> {
              if (!RawBackend.head(in).isEmpty()) {
                RawBackend.write(socket, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
                RawBackend.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              }
            })) {
      serve(web.port());

      var got = Raw.exchange(stage.port(), "GET / HTTP/1.0\r\nHost: " + Stage.HOST + "\r\n\r\n");
      assertThat(got).startsWith("HTTP/1.0 200").endsWith("ok");
    }
  }

  /// The instance answers at once and reads the body never: the next request would wait behind it.
  @Test
  @Tag("RTR-2")
  void no_request_waits_behind_a_body_that_nobody_reads() throws Exception {
    var over = new CountDownLatch(1);
    try (var web =
        RawBackend.start(
            (in, socket) -> {
              if (!RawBackend.head(in).isEmpty()) {
                RawBackend.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                var _ = over.await(20, TimeUnit.SECONDS);
              }
            })) {
      serve(web.port());
      var sent =
          SecureClient.ask(client, stage, HttpMethod.POST, "/", Buffer.buffer(new byte[Thin.SIZE]));
      assertThat(Wait.done(sent).statusCode()).isEqualTo(200);

      assertThat(Wait.done(get(0)).statusCode()).isEqualTo(200);
    } finally {
      over.countDown();
    }
  }
}
