package dev.widemesh.router;

import dev.widemesh.api.rack.EnvironmentDefinition.Endpoint;
import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import dev.widemesh.api.rack.RouteTable.Service;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// Reading over a thin line, but without a stop.
final class Thin {
  /// More than the system keeps for a connection: some of it waits in the router.
  static final int SIZE = 6_000_000;

  private static final Duration PATIENT = Duration.ofMinutes(1);
  private static final int PIECE = 16_384;
  private static final int WINDOW = 65_536;
  private static final byte[] BYTES = new byte[SIZE];

  static {
    new Random(7).nextBytes(BYTES);
  }

  enum End {
    USUAL,
    RESET,
    NONE
  }

  /// What came, and how it ended.
  record Got(Buffer bytes, End end) {
    /// The number of those bytes that are the first of what was to come.
    int right() {
      var different = Arrays.mismatch(bytes.getBytes(), BYTES);
      return different < 0 ? bytes.length() : different;
    }

    @Override
    public String toString() {
      return "%d right of %d, then %s".formatted(right(), bytes.length(), end);
    }

    String text() {
      return bytes.toString(StandardCharsets.ISO_8859_1);
    }
  }

  private Thin() {}

  static byte[] bytes() {
    return BYTES.clone();
  }

  /// Where nothing happens because of the time.
  static Stage stage(Path folder) throws IOException {
    var usual = Stage.settings(Path.of("/etc/resolv.conf"));
    var settings =
        new Settings(
            usual.insideHttp(),
            usual.insideDns(),
            PATIENT,
            PATIENT,
            PATIENT,
            PATIENT,
            PATIENT,
            PATIENT,
            2L * SIZE,
            usual.laggards(),
            usual.resolvers());
    return new Stage(folder, settings, "127.0.0.1", 0);
  }

  /// One instance, for those outside, over TLS too, and for those of its environment.
  static void serve(Stage stage, Path folder, int port) throws Exception {
    var route = List.of(new PathRoute("/", false, "shop-web"));
    var table =
        stage.table(
            List.of(new Service("shop-web", List.of(Stage.current("w-1", port)))),
            List.of(new Endpoint(Stage.HOST, route)));
    stage.serve(stage.with(table, OwnCertificate.of(folder, "*.widemesh.localhost")), "w-1");
  }

  static Socket connect(int port) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(WINDOW);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 3_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  static Socket secure(int port) throws IOException, GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    var plain = connect(port);
    var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, Stage.HOST, port, true);
    socket.startHandshake();
    return socket;
  }

  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String how, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String how, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String how, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String how, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String how) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String how) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    for (var c = in.read(); c >= 0; c = in.read()) {
      head.append((char) c);
      if (head.toString().endsWith("\r\n\r\n")) {
        break;
      }
    }
    return head.toString();
  }

  /// Until the end, or until `most` came.
  static Got read(InputStream in, int most) throws InterruptedException {
    var got = Buffer.buffer();
    var piece = new byte[PIECE];
    try {
      while (got.length() < most) {
        var read = in.read(piece, 0, Math.min(PIECE, most - got.length()));
        if (read < 0) {
          return new Got(got, End.USUAL);
        }
        got.appendBytes(piece, 0, read);
        Thread.sleep(1);
      }
      return new Got(got, End.NONE);
    } catch (SocketTimeoutException _) {
      return new Got(got, End.NONE);
    } catch (IOException _) {
      return new Got(got, End.RESET);
    }
  }

  static Got read(InputStream in) throws InterruptedException {
    return read(in, Integer.MAX_VALUE);
  }
}
