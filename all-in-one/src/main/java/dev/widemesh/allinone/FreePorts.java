package dev.widemesh.allinone;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Ports of this machine that nobody listens on, each given once. They lie below those that Linux
/// gives to outgoing connections (32768 and above, if nobody changed it): such a connection can
/// take a port in the moment in which the process that uses it starts anew.
final class FreePorts {
  private static final int FROM = 20_000;
  private static final int TO = 32_768;
  private static final int TRIES = 1000;

  private final int from;
  private final int to;
  private final Set<Integer> given;

  private FreePorts(int from, int to, Collection<Integer> taken) {
    this.from = from;
    this.to = to;
    this.given = new HashSet<>(taken);
  }

  /// Other than those `taken`, though nobody may listen on them yet.
  static FreePorts besides(Collection<Integer> taken) {
    return new FreePorts(FROM, TO, taken);
  }

  /// From `from` on, below `to`.
  static FreePorts between(int from, int to) {
    return new FreePorts(from, to, List.of());
  }

  static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  synchronized int next() throws IOException {
    for (var i = 0; i < TRIES; i++) {
      var port = ThreadLocalRandom.current().nextInt(from, to);
      if (given.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new BindException("no port from %d to %d is free".formatted(from, to - 1));
  }
}
