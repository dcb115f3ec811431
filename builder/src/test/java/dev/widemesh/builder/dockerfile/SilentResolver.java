package dev.widemesh.builder.dockerfile;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;

/// A name server that takes every question and answers none, and a mount namespace in which the
/// system's own resolver asks it and nobody else.
record SilentResolver(DatagramSocket socket, Path settings) implements AutoCloseable {
  private static final String ASK = "mount --bind \"$0\" /etc/resolv.conf && exec getent \"$@\"";

  static SilentResolver in(Path folder) throws IOException {
    var bytes = new byte[] {127, 53, 0, 0};
    bytes[2] = (byte) new Random().nextInt(256);
    bytes[3] = (byte) (1 + new Random().nextInt(250));
    var address = InetAddress.getByAddress(bytes);
    var settings =
        Files.writeString(
            folder.resolve("resolv.conf"),
            "nameserver %s\noptions timeout:30\n".formatted(address.getHostAddress()));
    var socket = new DatagramSocket(new InetSocketAddress(address, 53));
    socket.setSoTimeout(20_000);
    return new SilentResolver(socket, settings);
  }

  NameLookup lookup(Duration patience) {
    var program = List.of("unshare", "--mount", "sh", "-c", ASK, settings.toString());
    return new NameLookup(program, patience);
  }

  /// Returns when that many names were asked for.
  void awaitQuestions(int names) throws IOException {
    var seen = new HashSet<String>();
    while (seen.size() < names) {
      var packet = new DatagramPacket(new byte[512], 512);
      socket.receive(packet);
      // After a header of 12 bytes comes the name, and the kind of address that is asked for.
      var name = new String(packet.getData(), 12, packet.getLength() - 16, StandardCharsets.UTF_8);
      seen.add(name);
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
