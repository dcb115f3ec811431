package dev.widemesh.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What no platform on this machine can beat: Docker Engine alone, asked over its socket.
record Floor(String image) {
  private static final ObjectMapper JSON = new ObjectMapper();

  long createToFirstAnswer() throws IOException {
    var start = System.nanoTime();
    var made =
        ask(
            "POST",
            "/containers/create",
            Map.of(
                "Image", image,
                "Cmd", List.of("/bin/sh", "-c", "node server.js"),
                "Env", List.of("PORT=8080"),
                "HostConfig", Map.of("Init", true)));
    var id = made.path("Id").asText();
    try {
      ask("POST", "/containers/" + id + "/start", Map.of());
      awaitAnswer(
          ask("GET", "/containers/" + id + "/json", Map.of())
              .at("/NetworkSettings/IPAddress")
              .asText());
      return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    } finally {
      ask("DELETE", "/containers/" + id + "?force=true", Map.of());
    }
  }

  private static void awaitAnswer(String address) throws IOException {
    var deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < deadline) {
      try (var socket = new Socket(address, 8080)) {
        socket.setSoTimeout(5_000);
        socket
            .getOutputStream()
            .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        if (socket.getInputStream().read() >= 0) {
          return;
        }
      } catch (IOException _) {
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      }
    }
    throw new IOException("the bare container did not answer");
  }

  private static JsonNode ask(String method, String path, Map<String, Object> body)
      throws IOException {
    var json = body.isEmpty() ? "" : JSON.writeValueAsString(body);
    var request =
        "%s %s HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(method, path, json.length(), json);
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of("/var/run/docker.sock"));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      var answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.startsWith("HTTP/1.0 2")) {
        throw new IOException(method + " " + path + ": " + answer);
      }
      var text = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      return JSON.readTree(text.isBlank() ? "{}" : text);
    }
  }
}
