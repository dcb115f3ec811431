package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.RegistryHost;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which registries base images may come from: public ones, and what the operator opened. The
/// engine pulls from this machine's own network, where an app has nothing to look for.
final class Registries {
  private final Set<RegistryHost> opened;

  /// `opened` are `host:port`, or `host` for port 443.
  Registries(Set<String> opened) {
    this.opened =
        opened.stream()
            .map(RegistryHost::parse)
            .flatMap(Optional::stream)
            .collect(Collectors.toUnmodifiableSet());
  }

  /// The image's.
  RegistryHost require(Instruction where, String image) throws BuildRefused {
    var host = RegistryHost.ofImage(image).filter(this::isOpen);
    if (host.isEmpty()) {
      throw where.refused(
          "the base image %s is in no public registry".formatted(image),
          "use a public one, or let the operator add %s to WIDEMESH_REGISTRIES"
              .formatted(image.replaceFirst("/.*", "").toLowerCase(Locale.ROOT)));
    }
    return host.get();
  }

  boolean isOpen(RegistryHost host) {
    return host.equals(RegistryHost.HUB) || opened.contains(host) || isPublic(host.name());
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
