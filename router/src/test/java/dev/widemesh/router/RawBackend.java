package dev.widemesh.router;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// An instance that does exactly what a test says with each connection, byte by byte.
final class RawBackend implements AutoCloseable {
  interface Script {
    void run(BufferedReader in, Socket socket) throws Exception;
  }

  private final ServerSocket server;

  private RawBackend(ServerSocket server) {
    this.server = server;
  }

  static RawBackend start(Script script) throws IOException {
    var server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(() -> accept(server, script));
    return new RawBackend(server);
  }

  /// Answers each request on a connection with these bytes.
  static RawBackend answering(String answer, boolean thenClose) throws IOException {
    return start(
        (in, socket) -> {
          while (!head(in).isEmpty()) {
            write(socket, answer);
            if (thenClose) {
              return;
            }
          }
        });
  }

  private static void accept(ServerSocket server, Script script) {
    while (!server.isClosed()) {
      try {
        var socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket, script));
      } catch (IOException _) {
        return;
      }
    }
  }

  private static void serve(Socket socket, Script script) {
    try (socket) {
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      script.run(in, socket);
    } catch (Exception _) {
      // The other side decides when it ends.
    }
  }

  static List<String> head(BufferedReader in) throws IOException {
    var lines = new ArrayList<String>();
    for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
