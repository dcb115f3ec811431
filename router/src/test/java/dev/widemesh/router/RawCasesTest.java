package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What parsers disagree about, byte by byte: none of it may reach an instance, or leave a second
/// request in the stream.
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RawCasesTest {
  private static final String HOST = "Host: " + Stage.HOST + "\r\n";
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\n" + HOST + "\r\n";

  private Stage stage;
  private Backend web;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    stage = new Stage(folder);
    web =
        Backend.start(
            request ->
                request
                    .body()
                    .onSuccess(
                        body -> request.response().end("got " + request.uri() + " " + body)));
    stage.serve(stage.table(Stage.current("w-1", web.port())), "w-1");
  }

  @AfterAll
  void stop() {
    stage.close();
    web.close();
  }

  record Case(String name, String status, String request) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case get(String name, String status, String headers) {
    return new Case(name, status, "GET / HTTP/1.1\r\n" + headers + "\r\n");
  }

  private static Case post(String name, String status, String headers, String body) {
    return new Case(name, status, "POST / HTTP/1.1\r\n" + HOST + headers + "\r\n" + body);
  }

  static Stream<Case> refused() {
    return Stream.of(
        get("no Host", "400", ""),
        get("two Hosts", "400", HOST + HOST),
        get("two different Hosts", "400", HOST + "Host: other\r\n"),
        get("empty Host", "400", "Host: \r\n"),
        get("Host with a path", "400", "Host: a/b\r\n"),
        get("Host with user", "400", "Host: a@b\r\n"),
        get("Host with a bad port", "400", "Host: a:b\r\n"),
        get("empty header name", "400", HOST + ": x\r\n"),
        get("space in a header name", "400", HOST + "X Y: 1\r\n"),
        get("space before the colon", "400", HOST + "X : 1\r\n"),
        get("NUL in a value", "400", HOST + "X: a\0b\r\n"),
        get("control character in a value", "400", HOST + "X: a\001b\r\n"),
        get("bare CR in a value", "400", HOST + "X: a\rb\r\n"),
        new Case(
            "control character in the target", "400", "GET /\001 HTTP/1.1\r\n" + HOST + "\r\n"),
        new Case("target without slash", "400", "GET x HTTP/1.1\r\n" + HOST + "\r\n"),
        new Case(
            "absolute form of another host", "400", "GET http://o/ HTTP/1.1\r\n" + HOST + "\r\n"),
        new Case("another scheme", "400", "GET ftp://o/ HTTP/1.1\r\nHost: o\r\n\r\n"),
        new Case("CONNECT", "405", "CONNECT a:80 HTTP/1.1\r\n" + HOST + "\r\n"),
        new Case("TRACE", "405", "TRACE / HTTP/1.1\r\n" + HOST + "\r\n"),
        new Case("1.0 without Host", "400", "GET / HTTP/1.0\r\n\r\n"),
        new Case(
            "long line", "414", "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n" + HOST + "\r\n"),
        get("long headers", "431", HOST + "X: " + "a".repeat(40_000) + "\r\n"),
        post(
            "length and chunked",
            "400",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n"),
        post("xchunked", "400", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        post("chunked, identity", "400", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        post(
            "encoding twice",
            "400",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n"),
        post("two lengths", "400", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
        post("list of lengths", "400", "Content-Length: 5, 6\r\n", "hello"),
        post("+5", "400", "Content-Length: +5\r\n", "hello"),
        post("0x5", "400", "Content-Length: 0x5\r\n", "hello"),
        post("-1", "400", "Content-Length: -1\r\n", "hello"),
        new Case(
            "chunked in 1.0",
            "400",
            "POST / HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  @Tag("RTR-8")
  void is_refused_and_nothing_after_it_is_served(Case one) throws IOException {
    var answer = Raw.exchange(stage.port(), one.request() + SMUGGLED);

    assertThat(answer)
        .matches("(?s)HTTP/1[.][01] " + one.status() + " .*")
        .contains("X-Widemesh-Error: W")
        .doesNotContain("smuggled")
        .doesNotContain("hangs");
  }

  static Stream<Case> dropped() {
    var chunked = "Transfer-Encoding: chunked\r\n";
    return Stream.of(
        post("negative chunk", "", chunked, "-1\r\nx\r\n0\r\n\r\n"),
        post("0x chunk", "", chunked, "0x1\r\nx\r\n0\r\n\r\n"),
        post("overflowing chunk", "", chunked, "fffffffffffffffff\r\nx\r\n0\r\n\r\n"),
        post("chunk without its end", "", chunked, "1\r\nxy\r\n0\r\n\r\n"));
  }

  @ParameterizedTest
  @MethodSource("dropped")
  @Tag("RTR-8")
  void breaks_the_connection_and_nothing_after_it_is_served(Case one) throws IOException {
    assertThat(Raw.exchange(stage.port(), one.request() + SMUGGLED))
        .doesNotContain("smuggled")
        .doesNotContain("hangs");
  }

  static Stream<Case> served() {
    var close = "Connection: close\r\n";
    return Stream.of(
        get("plain", "got / ", HOST + close),
        new Case("1.0 with Host", "got / ", "GET / HTTP/1.0\r\n" + HOST + "\r\n"),
        new Case(
            "absolute form of the same host",
            "got /a?b ",
            "GET http://" + Stage.HOST + "/a?b HTTP/1.1\r\n" + HOST + close + "\r\n"),
        new Case("OPTIONS *", "got * ", "OPTIONS * HTTP/1.1\r\n" + HOST + close + "\r\n"),
        new Case("own method", "got / ", "BREW / HTTP/1.1\r\n" + HOST + close + "\r\n"),
        get(
            "h2c is not spoken",
            "got / ",
            HOST
                + "Connection: close, Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        post("body", "got / hello", close + "Content-Length: 5\r\n", "hello"),
        post("empty body", "got / ", close + "Content-Length: 0\r\n", ""),
        post(
            "chunks",
            "got / hello",
            close + "Transfer-Encoding: chunked\r\n",
            "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
        post(
            "length named by Connection",
            "got / hello",
            "Connection: close, content-length\r\nContent-Length: 5\r\n",
            "hello"));
  }

  @ParameterizedTest
  @MethodSource("served")
  void is_served(Case one) throws IOException {
    assertThat(Raw.exchange(stage.port(), one.request())).contains(" 200 ").contains(one.status());
  }
}
