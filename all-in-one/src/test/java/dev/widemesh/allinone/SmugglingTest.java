package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A real instance behind the real router counts what reaches it.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class SmugglingTest {
  private static final String SERVER =
      """
      const http = require('http')
      const seen = []
      http.createServer({ insecureHTTPParser: true }, (request, response) => {
        if (request.url === '/seen') return response.end(JSON.stringify(seen))
        seen.push(`${request.method} ${request.url} ${request.headers.host}`)
        request.resume()
        request.on('end', () => response.end('fine'))
      }).listen(process.env.PORT, '0.0.0.0')
      """;

  private final TestPlatform platform;

  SmugglingTest(TestPlatform platform) {
    this.platform = platform;
  }

  /// The instance is as lenient as Node.js can be made.
  @Test
  @Tag("RTR-8")
  void nothing_that_hides_in_a_request_reaches_an_instance() throws IOException {
    var app = App.create(platform, platform.environmentOf("smug"), "shop");
    app.node("x").write("server.js", SERVER).commit("one").push().ok();
    var host = "Host: " + app.host() + "\r\n";
    var hidden = "GET /smuggled HTTP/1.1\r\n" + host + "\r\n";
    var length = "Content-Length: %d\r\n".formatted(hidden.length() + 5);
    var chunked = "Transfer-Encoding: chunked\r\n";

    var requests = new ArrayList<String>();
    for (var heads :
        List.of(
            length + chunked,
            chunked + length,
            length + "Transfer-Encoding : chunked\r\n",
            length + "Transfer-Encoding:\u000bchunked\r\n",
            length + "Transfer-Encoding: xchunked\r\n",
            length + "Transfer-Encoding: chunked\r\n" + chunked,
            length + "Transfer_Encoding: chunked\r\nTransfer-Encoding:\r\n chunked\r\n",
            length + "X: y\rTransfer-Encoding: chunked\r\n",
            "Content-Length: 0\r\n" + length,
            "Content-Length: 5\r\nContent-Length: 5\r\n" + chunked,
            "Content-Length: +0\r\n",
            "Content-Length: 0, 0\r\n",
            "Content-Length: 0x0\r\n")) {
      requests.add("POST / HTTP/1.1\r\n" + host + heads + "\r\n0\r\n\r\n" + hidden);
    }
    for (var chunks :
        List.of("0\n\n", "0;a\nb\r\n\r\n", "-1\r\n\r\n", "0x0\r\n\r\n", "100000000\r\n\r\n")) {
      requests.add("POST / HTTP/1.1\r\n" + host + chunked + "\r\n" + chunks + hidden);
    }
    for (var line :
        List.of(
            "GET / HTTP/1.1\r\nHost: nobody\r\n" + host,
            "GET http://nobody/ HTTP/1.1\r\n" + host,
            "GET /a b HTTP/1.1\r\n" + host,
            "GET / HTTP/1.1 x\r\n" + host,
            "GET /\0 HTTP/1.1\r\n" + host,
            "PRI * HTTP/2.0\r\n" + host)) {
      requests.add(line + "\r\n" + hidden);
    }
    // At once: some of them the router leaves waiting for what does not come.
    requests.stream()
        .map(request -> CompletableFuture.runAsync(() -> send(request), Thread::startVirtualThread))
        .toList()
        .forEach(CompletableFuture::join);

    assertThat(app.answer("/seen")).doesNotContain("smuggled").doesNotContain("nobody");
  }

  private void send(String request) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), platform.http)) {
      socket.setSoTimeout(3_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      var answer = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(answer);
      } catch (SocketException | SocketTimeoutException _) {
        // What counts is what the instance saw.
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
