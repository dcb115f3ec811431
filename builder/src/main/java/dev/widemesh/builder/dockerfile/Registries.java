package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Which registries base images may come from: public ones, and what the operator opened. The
/// engine pulls from this machine's own network, where an app has nothing to look for.
final class Registries {
  private static final Pattern HOST = Pattern.compile("([a-z0-9.-]+)(:\\d{1,5})?");
  private static final Set<String> HUB = Set.of("docker.io", "index.docker.io");

  private final Set<String> opened;

  /// `opened` are `host:port`, or `host` for port 443.
  Registries(Set<String> opened) {
    this.opened =
        opened.stream()
            .map(host -> withPort(host.toLowerCase(Locale.ROOT)))
            .collect(Collectors.toUnmodifiableSet());
  }

  void require(Instruction where, String image) throws BuildRefused {
    var host = host(image);
    if (host.isEmpty() || HUB.contains(host) || opened.contains(withPort(host))) {
      return;
    }
    var parts = HOST.matcher(host);
    if (!parts.matches() || !isPublic(parts.group(1))) {
      throw where.refused(
          "the base image %s is in no public registry".formatted(image),
          "use a public one, or let the operator add %s to WIDEMESH_REGISTRIES".formatted(host));
    }
  }

  /// In small letters; empty where Docker Hub is meant.
  private static String host(String image) {
    var slash = image.indexOf('/');
    var first = slash < 0 ? "" : image.substring(0, slash);
    var host = first.toLowerCase(Locale.ROOT);
    var isHost =
        first.contains(".")
            || first.contains(":")
            || host.equals("localhost")
            || !host.equals(first);
    return isHost ? host : "";
  }

  private static String withPort(String host) {
    return host.contains(":") ? host : host + ":443";
  }

  private static boolean isPublic(String host) {
    try {
      for (var address : InetAddress.getAllByName(host)) {
        if (!isPublic(address) || NetworkInterface.getByInetAddress(address) != null) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException | SocketException | IllegalArgumentException _) {
      return false;
    }
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
