package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ExchangeTest {
  private static final String GET =
      "GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nConnection: close\r\n\r\n";

  @TempDir Path folder = Path.of("");
  private Stage stage;

  @BeforeEach
  void start() throws IOException {
    stage = new Stage(folder);
  }

  @AfterEach
  void stop() {
    stage.close();
  }

  private void serve(int port) throws InterruptedException {
    stage.serve(stage.table(Stage.current("w-1", port)), "w-1");
  }

  private static String post(String headers, String body) {
    return "POST / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\n" + headers + "\r\n" + body;
  }

  private static void headers(HttpServerRequest request) {
    var text = new StringBuilder();
    request.headers().forEach(h -> text.append(h.getKey() + "=" + h.getValue() + "\n"));
    request.response().end(text.toString());
  }

  @Test
  @Tag("RTR-1")
  void forged_forwarding_headers_are_replaced() throws Exception {
    try (var web = Backend.start(ExchangeTest::headers)) {
      serve(web.port());
      var answer =
          Raw.exchange(
              stage.port(),
              "GET / HTTP/1.1\r\nHost: %s\r\n".formatted(Stage.HOST)
                  + "X-Forwarded-For: evil\r\nX-Real-IP: evil\r\nX-Forwarded-Proto: evil\r\n"
                  + "X-Scheme: evil\r\nX-Forwarded-Port: evil\r\nX-Forwarded-Host: evil\r\n"
                  + "X-Request-ID: evil\r\nX_Forwarded_For: evil\r\nX_Real-Ip: evil\r\n"
                  + "Forwarded: for=evil\r\nX-Forwarded-Prefix: evil\r\nX-Hop: evil\r\n"
                  + "Connection: close, X-Hop, X-Forwarded-For\r\nKeep-Alive: evil\r\n"
                  + "Proxy-Authorization: evil\r\nTE: trailers, evil\r\nAuthorization: good\r\n\r\n");

      assertThat(answer)
          .doesNotContain("evil")
          .contains("X-Forwarded-For=127.0.0.1\n")
          .contains("X-Real-Ip=127.0.0.1\n")
          .contains("X-Forwarded-Proto=http\n")
          .contains("X-Scheme=http\n")
          .contains("X-Forwarded-Port=" + stage.port() + "\n")
          .contains("X-Forwarded-Host=" + Stage.HOST + "\n")
          .contains("Authorization=good")
          .containsPattern("X-Request-ID=[0-9a-f]{32}\n");
    }
  }

  @Test
  void what_concerns_one_connection_does_not_pass_back() throws Exception {
    var head =
        "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\n"
            + "Proxy-Authenticate: x\r\nX-Good: 1\r\nContent-Length: 2\r\n\r\nok";
    try (var web = RawBackend.answering(head, false)) {
      serve(web.port());

      assertThat(Raw.exchange(stage.port(), GET))
          .contains("X-Good: 1")
          .endsWith("ok")
          .doesNotContain("X-Hop")
          .doesNotContain("Keep-Alive")
          .doesNotContain("Proxy-Auth");
    }
  }

  @Test
  @Tag("RTR-2")
  void continue_comes_from_the_instance_and_the_body_follows() throws Exception {
    try (var web =
            RawBackend.start(
                (in, socket) -> {
                  var _ = RawBackend.head(in);
                  RawBackend.write(socket, "HTTP/1.1 100 Continue\r\n\r\n");
                  var body = new char[5];
                  var _ = in.read(body);
                  var text = String.valueOf(body);
                  RawBackend.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + text);
                });
        var client = connectTo(web.port())) {
      client.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
      assertThat(client.head()).startsWith("HTTP/1.1 100");
      client.send("hello");
      assertThat(client.until("hello")).startsWith("HTTP/1.1 200").endsWith("hello");
    }
  }

  @Test
  @Tag("RTR-2")
  void a_final_answer_in_place_of_continue_passes() throws Exception {
    var answer = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno";
    try (var web = RawBackend.answering(answer, false);
        var client = connectTo(web.port())) {
      client.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));

      assertThat(client.until("no")).startsWith("HTTP/1.1 417").endsWith("no");
    }
  }

  private Raw connectTo(int backend) throws Exception {
    serve(backend);
    return new Raw("127.0.0.1", stage.port());
  }

  @Test
  @Tag("RTR-2")
  void early_hints_and_trailers_pass() throws Exception {
    var answer =
        """
        HTTP/1.1 103 Early Hints
        Link: </a.css>

        HTTP/1.1 200 OK
        Transfer-Encoding: chunked
        Trailer: X-Sum

        2
        ok
        0
        X-Sum: 42

        """
            .replace("\n", "\r\n");
    try (var web = RawBackend.answering(answer, false)) {
      serve(web.port());

      assertThat(Raw.exchange(stage.port(), GET))
          .startsWith("HTTP/1.1 103")
          .contains("</a.css>")
          .contains("HTTP/1.1 200")
          .contains("2\r\nok\r\n0\r\nX-Sum: 42\r\n\r\n");
    }
  }

  @Test
  void an_unknown_interim_status_is_a_bad_answer() throws Exception {
    var answer = "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    try (var web = RawBackend.answering(answer, false)) {
      serve(web.port());

      assertThat(Raw.exchange(stage.port(), GET)).contains(" 502 ").contains("W07");
    }
  }

  @Test
  void an_answer_that_breaks_off_is_not_ended_as_if_whole() throws Exception {
    var sized = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    var chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
    for (var answer : new String[] {sized, chunked}) {
      try (var web = RawBackend.answering(answer, true)) {
        serve(web.port());
        var got = Raw.exchange(stage.port(), GET);

        assertThat(got).contains("half").doesNotContain("0\r\n\r\n").doesNotContain("hangs");
      }
    }
  }

  /// There, an answer without a length is whole when its connection ends as usual.
  @Test
  @Tag("RTR-2")
  void an_answer_that_breaks_off_ends_with_a_reset_over_http_1_0() throws Exception {
    var old = GET.replace("HTTP/1.1", "HTTP/1.0");
    var half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";
    try (var web = RawBackend.answering(half, true)) {
      serve(web.port());
      assertThat(Raw.exchange(stage.port(), old)).endsWith("(reset)");
    }
    try (var web = RawBackend.answering(half + "0\r\n\r\n", true)) {
      serve(web.port());
      assertThat(Raw.exchange(stage.port(), old)).contains(" 200 ").endsWith("\r\n\r\nhalf");
    }
  }

  @Test
  @Tag("RTR-4")
  void closed_garbage_and_silence_have_their_own_codes() throws Exception {
    try (var web = RawBackend.start((in, _) -> RawBackend.head(in))) {
      serve(web.port());
      assertThat(Raw.exchange(stage.port(), GET)).contains(" 502 ").contains("W06");
    }
    try (var web = RawBackend.answering("SSH-2.0-hello\r\n\r\n", false)) {
      serve(web.port());
      assertThat(Raw.exchange(stage.port(), GET)).contains(" 502 ").contains("W07");
    }
    try (var web = RawBackend.answering("", false)) {
      serve(web.port());
      assertThat(Raw.exchange(stage.port(), GET)).contains(" 504 ").contains("W08");
    }
  }

  @Test
  @Tag("RTR-4")
  void a_closed_port_is_refused_at_once_and_leaves_the_pool() throws Exception {
    var web = Backend.start(ExchangeTest::headers);
    serve(web.port());
    web.close();

    assertThat(Raw.exchange(stage.port(), GET)).contains(" 502 ").contains("W05");
    assertThat(Raw.exchange(stage.port(), GET)).contains(" 503 ").contains("W03");
  }

  @Test
  @Tag("SVC-7")
  void a_request_that_meets_a_closed_port_goes_to_the_next_instance() throws Exception {
    var gone = Backend.start(ExchangeTest::headers);
    try (var web = Backend.start(ExchangeTest::headers)) {
      var table = stage.table(Stage.current("w-1", web.port()), Stage.current("w-2", gone.port()));
      stage.serve(table, "w-1", "w-2");
      gone.close();
      for (var i = 0; i < 10; i++) {
        assertThat(
                Raw.exchange(stage.port(), post("Connection: close\r\nContent-Length: 1\r\n", "x")))
            .contains(" 200 ");
      }
    }
  }

  @Test
  @Tag("RTR-3")
  void too_large_is_refused_before_and_while_it_streams() throws Exception {
    var seen = new AtomicInteger();
    try (var web =
        Backend.start(
            request -> {
              seen.incrementAndGet();
              request.body().onSuccess(body -> request.response().end("got " + body.length()));
            })) {
      serve(web.port());
      var declared = post("Content-Length: 1048577\r\n", "");
      assertThat(Raw.exchange(stage.port(), declared + "x".repeat(1024))).contains(" 413 ");
      assertThat(seen).hasValue(0);

      var chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
      var streamed = post("Transfer-Encoding: chunked\r\n", chunk.repeat(17) + "0\r\n\r\n");
      assertThat(Raw.exchange(stage.port(), streamed)).contains(" 413 ").contains("W10");

      var fits = post("Connection: close\r\nContent-Length: 1048576\r\n", "x".repeat(1048576));
      assertThat(Raw.exchange(stage.port(), fits)).contains("got 1048576");
    }
  }

  @Test
  @Tag("RTR-2")
  void events_arrive_one_by_one() throws Exception {
    try (var web =
            Backend.start(
                request -> {
                  var out = request.response().setChunked(true);
                  out.putHeader("Content-Type", "text/event-stream").writeHead();
                  request.connection().closeHandler(_ -> {});
                  request.handler(_ -> out.write("data: pong\n\n"));
                });
        var client = connectTo(web.port())) {
      client.send(post("Transfer-Encoding: chunked\r\n", ""));
      assertThat(client.head()).contains("text/event-stream");
      for (var i = 0; i < 3; i++) {
        client.send("4\r\nping\r\n");
        assertThat(client.until("pong\n\n\r\n")).contains("data: pong");
      }
    }
  }

  /// The instance closes every connection right after its answer, without saying so.
  @Test
  void a_stale_connection_is_not_the_clients_trouble() throws Exception {
    try (var web = RawBackend.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true);
        var client = connectTo(web.port())) {
      for (var i = 0; i < 200; i++) {
        client.send("GET / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\n\r\n");
        assertThat(client.until("ok")).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void an_answer_without_a_body_needs_no_length() throws Exception {
    try (var web =
        Backend.start(
            request ->
                request.response().setStatusCode(request.uri().equals("/") ? 204 : 304).end())) {
      serve(web.port());
      assertThat(Raw.exchange(stage.port(), GET)).contains(" 204 ").doesNotContain("chunked");
      assertThat(Raw.exchange(stage.port(), GET.replace("GET /", "GET /x"))).contains(" 304 ");
      assertThat(Raw.exchange(stage.port(), GET.replace("GET", "HEAD"))).contains(" 204 ");
    }
  }

  @Test
  @Tag("RTR-8")
  void a_client_that_dawdles_is_sent_away() throws Exception {
    try (var web =
            Backend.start(request -> request.body().onSuccess(_ -> request.response().end("ok")));
        var slow = connectTo(web.port());
        var slower = new Raw("127.0.0.1", stage.port())) {
      slow.send("GET / HTT");
      slower.send(post("Content-Length: 10\r\n", "half"));

      assertThat(slow.rest()).isEmpty();
      assertThat(slower.rest()).contains(" 408 ").contains("W16");
    }
  }

  @Test
  @Tag("RTR-8")
  void a_body_that_drips_is_ended_though_it_never_stops() throws Exception {
    try (var web =
            RawBackend.start(
                (in, socket) -> {
                  while (in.read() >= 0) {
                    // all of it, however long it takes
                  }
                });
        var client = new Raw("127.0.0.1", stage.port())) {
      serve(web.port());
      client.send("POST / HTTP/1.1\r\nHost: " + Stage.HOST + "\r\nContent-Length: 5000\r\n\r\n");
      var dripping =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (var i = 0; i < 100; i++) {
                        client.send("drop");
                        Thread.sleep(100);
                      }
                    } catch (java.io.IOException | InterruptedException _) {
                      // it was ended
                    }
                  });

      assertThat(client.head()).contains(" 408 ").contains("W16");
      dripping.interrupt();
    }
  }
}
