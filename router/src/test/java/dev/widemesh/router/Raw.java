package dev.widemesh.router;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/// A client that sends exactly the bytes it is given.
final class Raw implements AutoCloseable {
  private final Socket socket;

  Raw(String host, int port) throws IOException {
    this(host, port, "127.0.0.1");
  }

  Raw(String host, int port, String from) throws IOException {
    socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral(host), port), 3_000);
    socket.setSoTimeout(5_000);
  }

  /// All that comes until the end of the connection.
  static String exchange(int port, String request) throws IOException {
    try (var raw = new Raw("127.0.0.1", port)) {
      raw.send(request);
      return raw.rest();
    }
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  String rest() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(bytes);
    } catch (SocketException _) {
      bytes.writeBytes("(reset)".getBytes(StandardCharsets.ISO_8859_1));
    } catch (SocketTimeoutException _) {
      bytes.writeBytes("(hangs)".getBytes(StandardCharsets.ISO_8859_1));
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  /// Until this text came, or the connection ended.
  String until(String text) throws IOException {
    var got = new StringBuilder();
    var in = socket.getInputStream();
    for (var c = in.read(); c >= 0; c = in.read()) {
      got.append((char) c);
      if (got.toString().endsWith(text)) {
        break;
      }
    }
    return got.toString();
  }

  String head() throws IOException {
    return until("\r\n\r\n");
  }

  InputStream in() throws IOException {
    return socket.getInputStream();
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
