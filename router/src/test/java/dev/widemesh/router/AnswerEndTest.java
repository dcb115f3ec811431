package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// However slowly an answer or a body is read: all of it arrives, though whoever sent it may have
/// hung up long before.
@DisplayNameGeneration(ReplaceUnderscores.class)
class AnswerEndTest {
  private static final String SIZED = "Content-Length: " + Thin.SIZE + "\r\nConnection: close\r\n";
  private static final String UNTIL_THE_END = "Connection: close\r\n";
  private static final String WHOLE = "6000000 right of 6000000, then USUAL";

  @TempDir Path folder = Path.of("");
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client =
      vertx.createHttpClient(SecureClient.options(HttpVersion.HTTP_2));
  private final CountDownLatch sent = new CountDownLatch(1);
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

  private void serve(RawBackend web) throws Exception {
    Thin.serve(stage, folder, web.port());
  }

  /// An instance that hangs up after each answer.
  private RawBackend instance(String headers) throws IOException {
    return RawBackend.start(
        (in, socket) -> {
          if (!RawBackend.head(in).isEmpty()) {
            RawBackend.write(socket, "HTTP/1.1 200 OK\r\n" + headers + "\r\n");
            socket.getOutputStream().write(Thin.bytes());
            sent.countDown();
          }
        });
  }

  private Thin.Got get(int port, String host, String version) throws Exception {
    try (var client = Thin.connect(port)) {
      Thin.send(
          client,
          "GET / HTTP/%s\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(version, host));
      assertThat(Thin.head(client.getInputStream())).contains(" 200 ");
      var _ = sent.await(1, TimeUnit.SECONDS);
      return Thin.read(client.getInputStream());
    }
  }

  @Test
  @Tag("RTR-2")
  void one_with_a_length_arrives_after_its_instance_hung_up() throws Exception {
    try (var web = instance(SIZED)) {
      serve(web);

      var got = get(stage.port(), Stage.HOST, "1.1");
      assertThat(got).hasToString(WHOLE);
    }
  }

  @Test
  @Tag("RTR-2")
  void one_that_lasts_until_the_end_of_the_connection_arrives() throws Exception {
    try (var web = instance(UNTIL_THE_END)) {
      serve(web);

      assertThat(get(stage.port(), Stage.HOST, "1.0")).hasToString(WHOLE);
    }
  }

  @Test
  @Tag("RTR-2")
  void one_in_chunks_arrives_after_its_instance_hung_up() throws Exception {
    try (var web =
        RawBackend.start(
            (in, socket) -> {
              if (!RawBackend.head(in).isEmpty()) {
                RawBackend.write(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                writeChunks(socket);
                sent.countDown();
              }
            })) {
      serve(web);

      assertThat(get(stage.port(), Stage.HOST, "1.0")).hasToString(WHOLE);
    }
  }

  private static void writeChunks(Socket socket) throws IOException {
    var size = 50_000;
    for (var at = 0; at < Thin.SIZE; at += size) {
      RawBackend.write(socket, Integer.toHexString(size) + "\r\n");
      socket.getOutputStream().write(Thin.bytes(), at, size);
      RawBackend.write(socket, "\r\n");
    }
    RawBackend.write(socket, "0\r\n\r\n");
  }

  @Test
  @Tag("RTR-2")
  void it_arrives_inside_of_an_environment_as_well() throws Exception {
    try (var web = instance(SIZED)) {
      serve(web);
      var inside = new InetSocketAddress("127.0.1.1", stage.settings().insideHttp());
      Wait.until("the inside listens", () -> listens(inside));

      assertThat(read(inside)).hasToString(WHOLE);
    }
  }

  private static boolean listens(InetSocketAddress at) {
    try (var socket = new Socket()) {
      socket.connect(at, 1_000);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private Thin.Got read(InetSocketAddress at) throws Exception {
    try (var client = new Socket()) {
      client.setReceiveBufferSize(65_536);
      client.connect(at, 3_000);
      Thin.send(client, "GET / HTTP/1.1\r\nHost: shop-web\r\nConnection: close\r\n\r\n");
      assertThat(Thin.head(client.getInputStream())).contains(" 200 ");
      var _ = sent.await(1, TimeUnit.SECONDS);
      return Thin.read(client.getInputStream());
    }
  }

  @Test
  @Tag("RTR-2")
  void over_http_2_it_arrives_as_well() throws Exception {
    try (var web = instance(UNTIL_THE_END)) {
      serve(web);

      var body = Wait.done(ask(HttpMethod.GET, Buffer.buffer()).compose(this::readSlowly));
      assertThat(new Thin.Got(body, Thin.End.USUAL)).hasToString(WHOLE);
    }
  }

  private Future<HttpClientResponse> ask(HttpMethod method, Buffer body) {
    return SecureClient.ask(client, stage, method, "/", body);
  }

  private Future<Buffer> readSlowly(HttpClientResponse response) {
    Promise<Buffer> whole = Promise.promise();
    var got = Buffer.buffer();
    response.exceptionHandler(whole::tryFail);
    response.endHandler(_ -> whole.tryComplete(got));
    response.handler(
        piece -> {
          got.appendBuffer(piece);
          var _ = vertx.setTimer(1, _ -> response.fetch(1));
        });
    var _ = vertx.setTimer(1_000, _ -> response.fetch(1));
    return whole.future();
  }

  /// An instance that reads a body of that size slowly, and says how much of it was right.
  private RawBackend reader() throws IOException {
    return RawBackend.start(
        (in, socket) -> {
          if (!RawBackend.head(in).isEmpty()) {
            var _ = sent.await(1, TimeUnit.SECONDS);
            RawBackend.write(
                socket, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + readSlowly(in));
          }
        });
  }

  private static String readSlowly(BufferedReader in) throws IOException, InterruptedException {
    var got = Buffer.buffer();
    var piece = new char[16_384];
    while (got.length() < Thin.SIZE) {
      var read = in.read(piece, 0, Math.min(piece.length, Thin.SIZE - got.length()));
      if (read < 0) {
        break;
      }
      got.appendString(new String(piece, 0, read), "ISO-8859-1");
      Thread.sleep(1);
    }
    return new Thin.Got(got, Thin.End.USUAL).toString();
  }

  @Test
  @Tag("RTR-2")
  void a_slow_instance_gets_all_of_a_body() throws Exception {
    try (var web = reader();
        var client = Thin.connect(stage.port())) {
      serve(web);
      Thin.send(
          client,
          "POST / HTTP/1.0\r\nHost: %s\r\nContent-Length: %d\r\n\r\n"
              .formatted(Stage.HOST, Thin.SIZE));
      client.getOutputStream().write(Thin.bytes());
      sent.countDown();

      assertThat(Thin.head(client.getInputStream())).contains(" 200 ");
      assertThat(Thin.read(client.getInputStream()).text()).isEqualTo(WHOLE);
    }
  }

  @Test
  @Tag("RTR-2")
  void a_slow_instance_gets_all_of_a_body_over_http_2() throws Exception {
    try (var web = reader()) {
      serve(web);

      var answer = ask(HttpMethod.PUT, Buffer.buffer(Thin.bytes()));
      var text =
          Wait.done(
              answer.compose(
                  response -> {
                    var body = response.body();
                    response.resume();
                    return body;
                  }));
      assertThat(text).hasToString(WHOLE);
    }
  }

  /// Nobody uses it any more, whether or not the instance closes it.
  @Test
  @Tag("RTR-8")
  void a_connection_that_its_instance_calls_the_last_is_closed() throws Exception {
    try (var web =
        RawBackend.start(
            (in, socket) -> {
              if (!RawBackend.head(in).isEmpty()) {
                RawBackend.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nConnection: close, x\r\nContent-Length: 2\r\n\r\nok");
                var _ = in.read();
              }
            })) {
      serve(web);
      var request = "GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nConnection: close\r\n\r\n";
      assertThat(Raw.exchange(stage.port(), request)).endsWith("ok");

      Wait.until("it is closed", () -> OpenSockets.to(web.port()) == 0);
    }
  }

  /// What came before is given, and the client knows that it is not all.
  @Test
  @Tag("RTR-2")
  void half_an_answer_arrives_as_half_an_answer() throws Exception {
    var half = 100_000;
    try (var web =
        RawBackend.start(
            (in, socket) -> {
              if (!RawBackend.head(in).isEmpty()) {
                RawBackend.write(socket, "HTTP/1.1 200 OK\r\n" + SIZED + "\r\n");
                socket.getOutputStream().write(Thin.bytes(), 0, half);
              }
            })) {
      serve(web);

      var got = get(stage.port(), Stage.HOST, "1.1");
      assertThat(got.right()).isEqualTo(half);
      assertThat(got.bytes().length()).isEqualTo(half);
      assertThat(got.end()).isNotEqualTo(Thin.End.NONE);
    }
  }
}
