package dev.widemesh.git;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// A network between a client and a port, which breaks without a word after so many bytes from the
/// client: neither side hears anything any more.
final class Cable implements AutoCloseable {
  private final ServerSocket server;
  private final int port;
  private final List<Socket> ends = new ArrayList<>();
  private long left;
  private boolean cut;

  private Cable(ServerSocket server, int port, long breaksAfter) {
    this.server = server;
    this.port = port;
    this.left = breaksAfter;
  }

  static Cable to(int port, long breaksAfter) throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    var cable = new Cable(new ServerSocket(0, 10, loopback), port, breaksAfter);
    Thread.ofVirtual().start(cable::connect);
    return cable;
  }

  int port() {
    return server.getLocalPort();
  }

  private void connect() {
    try {
      while (true) {
        var near = end(server.accept());
        var far = end(new Socket(InetAddress.getLoopbackAddress(), port));
        Thread.ofVirtual().start(() -> carry(near, far, true));
        Thread.ofVirtual().start(() -> carry(far, near, false));
      }
    } catch (IOException _) {
      // closed
    }
  }

  private synchronized Socket end(Socket socket) {
    ends.add(socket);
    return socket;
  }

  private void carry(Socket from, Socket to, boolean counts) {
    var piece = new byte[4_096];
    try {
      for (var got = from.getInputStream().read(piece);
          got >= 0;
          got = from.getInputStream().read(piece)) {
        var passes = passes(got, counts);
        if (passes > 0) {
          to.getOutputStream().write(piece, 0, passes);
        }
      }
      if (!isCut()) {
        to.shutdownOutput();
      }
    } catch (IOException _) {
      // one side has gone
    }
  }

  private synchronized int passes(int bytes, boolean counts) {
    if (cut) {
      return 0;
    }
    if (!counts) {
      return bytes;
    }
    var passes = (int) Math.min(bytes, left);
    left -= passes;
    cut = left == 0;
    notifyAll();
    return passes;
  }

  synchronized boolean isCut() {
    return cut;
  }

  @Override
  public synchronized void close() throws IOException {
    server.close();
    for (var end : ends) {
      end.close();
    }
  }
}
