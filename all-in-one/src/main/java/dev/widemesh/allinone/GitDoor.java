package dev.widemesh.allinone;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Where `git push` knocks.
record GitDoor(String address, int port) {
  private static final String GREETING = "SSH-2.0-";
  private static final Duration LIMIT = Duration.ofSeconds(2);

  /// Whether somebody opens who speaks SSH (RFC 4253, section 4.2).
  boolean isOpen() {
    try (var socket = new Socket()) {
      var limit = (int) LIMIT.toMillis();
      socket.setSoTimeout(limit);
      socket.connect(new InetSocketAddress(address, port), limit);
      var heard = socket.getInputStream().readNBytes(GREETING.length());
      return GREETING.equals(new String(heard, StandardCharsets.US_ASCII));
    } catch (IOException _) {
      return false;
    }
  }
}
