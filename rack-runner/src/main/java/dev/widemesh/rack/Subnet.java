package dev.widemesh.rack;

import java.util.ArrayList;
import java.util.List;

/// A range of IPv4 addresses in CIDR form.
record Subnet(long first, int bits) {
  private static final int ENVIRONMENT_BITS = 24;

  static Subnet parse(String cidr) {
    var parts = cidr.split("/", 2);
    var bits = parts.length == 2 ? Integer.parseInt(parts[1]) : 32;
    return new Subnet(number(parts[0]) & mask(bits), bits);
  }

  private static long mask(int bits) {
    return bits == 0 ? 0 : 0xffffffffL << (32 - bits) & 0xffffffffL;
  }

  private static long number(String address) {
    long number = 0;
    for (var part : address.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(part);
    }
    return number;
  }

  long size() {
    return 1L << (32 - bits);
  }

  boolean overlaps(Subnet other) {
    return first < other.first + other.size() && other.first < first + size();
  }

  boolean contains(String address) {
    var number = number(address);
    return number >= first && number < first + size();
  }

  /// The networks of environments that fit in it.
  List<Subnet> cut() {
    var parts = new ArrayList<Subnet>();
    for (var at = first; at < first + size(); at += 256) {
      parts.add(new Subnet(at, ENVIRONMENT_BITS));
    }
    return parts;
  }

  String address(int index) {
    var number = first + index;
    return "%d.%d.%d.%d"
        .formatted(number >> 24 & 255, number >> 16 & 255, number >> 8 & 255, number & 255);
  }

  /// Ours, on the host's side of the bridge.
  String routerAddress() {
    return address(1);
  }

  @Override
  public String toString() {
    return address(0) + "/" + bits;
  }
}
