package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// HTTP/2 frames made by hand, in numbers that no client sends.
@DisplayNameGeneration(ReplaceUnderscores.class)
class H2FloodTest {
  /// More than lies in any socket's buffers before the other side has looked at it.
  private static final int ENDLESS = 30_000_000;

  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  @TempDir Path folder;
  private final AtomicInteger asked = new AtomicInteger();
  private final Backend web =
      Backend.start(
          request -> {
            asked.incrementAndGet();
            request.response().end("fine");
          });
  private Stage stage;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(folder);
    var table = stage.table(Stage.current("w-1", web.port()));
    stage.serve(stage.with(table, OwnCertificate.of(folder, "*.widemesh.localhost")), "w-1");
  }

  /// Whatever was done to it, the next client is served.
  @AfterEach
  void others_are_served() throws Exception {
    try (var h2 = connect()) {
      write(h2, HEADERS, END_STREAM | END_HEADERS, 1, request());
      assertThat(until(h2, HEADERS)).isTrue();
    }
    stage.close();
    web.close();
  }

  private SSLSocket connect() throws IOException, GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustingAll()}, null);
    var plain = new Socket(InetAddress.getLoopbackAddress(), stage.router().httpsPort());
    plain.setSoTimeout(15_000);
    var factory = context.getSocketFactory();
    var socket = (SSLSocket) factory.createSocket(plain, Stage.HOST, 443, true);
    var parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    socket.getOutputStream().write(preface);
    write(socket, SETTINGS, 0, 0, new byte[0]);
    return socket;
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  private static void write(SSLSocket to, int type, int flags, int stream, byte[] payload)
      throws IOException {
    to.getOutputStream().write(frame(type, flags, stream, payload));
    to.getOutputStream().flush();
  }

  /// `GET https://<host>/` in the shortest form of RFC 7541.
  private static byte[] request() {
    var block = new ByteArrayOutputStream();
    block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x84, (byte) 0x87, 0x41});
    block.write(Stage.HOST.length());
    block.writeBytes(Stage.HOST.getBytes(StandardCharsets.US_ASCII));
    return block.toByteArray();
  }

  /// Reads frames until one of this type, or the end; whether it came.
  private static boolean until(SSLSocket from, int type) throws IOException {
    var in = new DataInputStream(from.getInputStream());
    try {
      while (true) {
        var length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        var now = in.readUnsignedByte();
        in.skipNBytes(5L + length);
        if (now == type) {
          return true;
        }
      }
    } catch (EOFException | SocketException | SSLException _) {
      return false;
    }
  }

  /// Whether it ended: it said so, or it does not take more.
  private static boolean isEnded(SSLSocket socket) throws IOException {
    return until(socket, GOAWAY) || !until(socket, GOAWAY);
  }

  private interface Flood {
    byte[] piece(int number);
  }

  /// Sends until the other side does not take more; how many pieces that were.
  private static int flood(SSLSocket to, int most, Flood flood) {
    var sent = 0;
    try {
      for (; sent < most; sent++) {
        to.getOutputStream().write(flood.piece(sent));
      }
    } catch (IOException _) {
      // it had enough
    }
    return sent;
  }

  @Test
  @Tag("RTR-8")
  void requests_that_are_taken_back_at_once_end_the_connection() throws Exception {
    try (var h2 = connect()) {
      flood(
          h2,
          5_000,
          i -> {
            var stream = 1 + 2 * i;
            var both = new ByteArrayOutputStream();
            both.writeBytes(frame(HEADERS, END_STREAM | END_HEADERS, stream, request()));
            both.writeBytes(frame(RESET, 0, stream, new byte[] {0, 0, 0, 8}));
            return both.toByteArray();
          });

      assertThat(isEnded(h2)).isTrue();
      assertThat(asked.get()).isLessThan(1_000);
    }
  }

  @Test
  @Tag("RTR-8")
  void headers_that_never_end_end_the_connection() throws Exception {
    try (var h2 = connect()) {
      write(h2, HEADERS, END_STREAM, 1, request());
      // A literal without a name in the table: x: and fifty letters.
      var more = new ByteArrayOutputStream();
      more.writeBytes(new byte[] {0x00, 1, 'x', 50});
      more.writeBytes("a".repeat(50).getBytes(StandardCharsets.US_ASCII));
      var sent = flood(h2, ENDLESS, _ -> frame(CONTINUATION, 0, 1, more.toByteArray()));

      assertThat(sent).isLessThan(ENDLESS);
      assertThat(asked.get()).isZero();
    }
  }

  @Test
  @Tag("RTR-8")
  void pings_whose_answers_nobody_reads_end_the_connection() throws Exception {
    try (var h2 = connect()) {
      assertThat(flood(h2, ENDLESS, _ -> frame(PING, 0, 0, new byte[8]))).isLessThan(ENDLESS);
    }
  }

  @Test
  @Tag("nightly")
  void handshakes_that_never_begin_are_ended() throws Exception {
    var silent = new ArrayList<Socket>();
    try {
      for (var i = 0; i < 500; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), stage.router().httpsPort());
        socket.setSoTimeout(15_000);
        silent.add(socket);
      }
      for (var socket : silent) {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    } finally {
      for (var socket : silent) {
        socket.close();
      }
    }
  }

  private static final class TrustingAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
