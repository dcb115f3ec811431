package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.RegistryHost;
import java.io.IOException;
import java.net.SocketException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// Which registries base images may come from: public ones, and what the operator opened. The
/// engine pulls from this machine's own network, where an app has nothing to look for.
final class Registries {
  private final Set<RegistryHost> opened;
  private final NameLookup names;

  /// `UNRESOLVED`: nobody said in time where its name leads.
  enum Access {
    OPEN,
    CLOSED,
    UNRESOLVED
  }

  /// `opened` are `host:port`, or `host` for port 443.
  Registries(Set<String> opened, NameLookup names) {
    this.opened =
        opened.stream()
            .map(RegistryHost::parse)
            .flatMap(Optional::stream)
            .collect(Collectors.toUnmodifiableSet());
    this.names = names;
  }

  /// The image's.
  RegistryHost require(Instruction where, String image)
      throws IOException, InterruptedException, BuildRefused {
    var host = RegistryHost.ofImage(image).orElseThrow(() -> inside(where, image));
    return switch (access(host)) {
      case OPEN -> host;
      case CLOSED -> throw inside(where, image);
      case UNRESOLVED ->
          throw where.refused(
              "the base image %s cannot be pulled (the name of its registry is not resolved in time)"
                  .formatted(image),
              "correct its name, or push again later");
    };
  }

  private static BuildRefused inside(Instruction where, String image) {
    return where.refused(
        "the base image %s is in no public registry".formatted(image),
        "use a public one, or let the operator add %s to WIDEMESH_REGISTRIES"
            .formatted(image.replaceFirst("/.*", "").toLowerCase(Locale.ROOT)));
  }

  Access access(RegistryHost host) throws IOException, InterruptedException {
    if (host.equals(RegistryHost.HUB) || opened.contains(host)) {
      return Access.OPEN;
    }
    try {
      var addresses = names.addresses(host.name());
      return !addresses.isEmpty() && Outside.holds(addresses) ? Access.OPEN : Access.CLOSED;
    } catch (TimeoutException _) {
      return Access.UNRESOLVED;
    } catch (SocketException | IllegalArgumentException _) {
      return Access.CLOSED;
    }
  }
}
