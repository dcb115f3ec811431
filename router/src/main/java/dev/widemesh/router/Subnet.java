package dev.widemesh.router;

import java.net.InetAddress;
import java.util.Arrays;

/// Addresses that share their first bits.
final class Subnet {
  private final byte[] network;
  private final int bits;

  private Subnet(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /// From CIDR form, as `10.213.4.0/24`.
  static Subnet parse(String cidr) {
    var slash = cidr.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("not a subnet: '" + cidr + "'");
    }
    var network = InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress();
    var bits = Integer.parseInt(cidr.substring(slash + 1));
    if (bits < 0 || bits > network.length * 8) {
      throw new IllegalArgumentException("not a subnet: '" + cidr + "'");
    }
    return new Subnet(network, bits);
  }

  boolean contains(String literal) {
    return contains(InetAddress.ofLiteral(plain(literal)).getAddress());
  }

  private boolean contains(byte[] address) {
    if (address.length != network.length) {
      return false;
    }
    var whole = bits / 8;
    if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
      return false;
    }
    var rest = bits % 8;
    var mask = 0xff << (8 - rest);
    return rest == 0 || (address[whole] & mask) == (network[whole] & mask);
  }

  /// Without a scope, and an IPv4 address as one, however the socket writes it.
  static String plain(String literal) {
    var scope = literal.indexOf('%');
    var text = scope < 0 ? literal : literal.substring(0, scope);
    return text.startsWith("::ffff:") && text.indexOf('.') > 0 ? text.substring(7) : text;
  }
}
