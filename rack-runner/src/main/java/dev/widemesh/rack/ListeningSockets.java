package dev.widemesh.rack;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Where a container listens, read from its network name space: the answer to "why is it not
/// ready?".
final class ListeningSockets {
  private static final String LISTEN = "0A";
  private static final String DOCKERS_RESOLVER = "127.0.0.11";
  private static final int MOST = 20;

  private ListeningSockets() {}

  /// Of the process with that pid, as `127.0.0.1:3000`; empty when it is gone.
  static List<String> of(long pid) {
    var sockets = new ArrayList<String>();
    for (var table : List.of("tcp", "tcp6")) {
      try {
        sockets.addAll(parse(Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))));
      } catch (IOException _) {
        // The process ended meanwhile, or the kernel has no IPv6.
      }
    }
    return sockets.stream().distinct().limit(MOST).toList();
  }

  static List<String> parse(List<String> lines) {
    var sockets = new ArrayList<String>();
    for (var line : lines) {
      var fields = line.strip().split("\\s+", -1);
      if (fields.length > 3 && fields[3].equals(LISTEN)) {
        socket(fields[1])
            .filter(found -> !found.startsWith(DOCKERS_RESOLVER))
            .ifPresent(sockets::add);
      }
    }
    return sockets;
  }

  private static java.util.Optional<String> socket(String local) {
    var parts = local.split(":", 2);
    try {
      var address = InetAddress.getByAddress(hostOrder(HexFormat.of().parseHex(parts[0])));
      var port = Integer.parseInt(parts[1], 16);
      return java.util.Optional.of(text(address) + ":" + port);
    } catch (IOException | IllegalArgumentException _) {
      return java.util.Optional.empty();
    }
  }

  private static String text(InetAddress address) {
    if (!(address instanceof Inet6Address six)) {
      return address.getHostAddress();
    }
    if (six.isAnyLocalAddress()) {
      return "[::]";
    }
    return six.isLoopbackAddress() ? "[::1]" : "[" + six.getHostAddress() + "]";
  }

  /// The kernel prints 32-bit words in the order of the machine.
  private static byte[] hostOrder(byte[] printed) {
    var in = ByteBuffer.wrap(printed);
    var out = ByteBuffer.allocate(printed.length).order(ByteOrder.nativeOrder());
    while (in.remaining() >= Integer.BYTES) {
      out.putInt(in.getInt());
    }
    return out.array();
  }
}
