package dev.widemesh.builder.dockerfile;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;

/// The public internet: not this machine, not its networks, not what no router leads to.
public final class Outside {
  private Outside() {}

  /// All of them, so that it does not matter which is taken.
  public static boolean holds(Set<InetAddress> addresses) throws SocketException {
    for (var address : addresses) {
      if (!isPublic(address) || NetworkInterface.getByInetAddress(address) != null) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPublic(InetAddress address) {
    var bytes = address.getAddress();
    var first = bytes[0] & 0xff;
    var second = bytes[1] & 0xff;
    if (bytes.length == 16) {
      // Of IPv6 only 2000::/3 is public, but for 2002::/16, which leads to any IPv4 address.
      return (first & 0xe0) == 0x20 && !(first == 0x20 && second == 0x02);
    }
    var shared = first == 100 && (second & 0xc0) == 64;
    return !(first == 0
        || shared
        || first >= 224
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress());
  }
}
