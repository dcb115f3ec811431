package dev.widemesh.builder.dockerfile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// Accepts who comes, and says nothing.
record SilentRegistry(ServerSocket server, List<Socket> callers) implements AutoCloseable {
  static SilentRegistry start() throws IOException {
    var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    server.setSoTimeout(20_000);
    return new SilentRegistry(server, new ArrayList<>());
  }

  String host() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  void awaitCaller() throws IOException {
    callers.add(server.accept());
  }

  void hangUp() throws IOException {
    server.close();
    for (var caller : callers) {
      caller.close();
    }
  }

  @Override
  public void close() throws IOException {
    hangUp();
  }
}
