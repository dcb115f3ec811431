package dev.widemesh.builder.supply;

import dev.widemesh.builder.dockerfile.NameLookup;
import dev.widemesh.builder.dockerfile.Outside;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.RegistryHost;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// Which hosts a cargo may come from: public ones, and what the operator opened.
record Hosts(Set<RegistryHost> opened, NameLookup names, Cargo cargo) {
  static final String SETTING = "WIDEMESH_BUILDPACK_HOSTS";
  private static final Duration BRIEFLY = Duration.ofSeconds(2);

  Hosts {
    opened = Set.copyOf(opened);
  }

  /// `opened` are `host:port`, or `host` for port 443.
  static Hosts of(Set<String> opened, NameLookup names, Cargo cargo) {
    return new Hosts(
        opened.stream()
            .map(RegistryHost::parse)
            .flatMap(Optional::stream)
            .collect(Collectors.toUnmodifiableSet()),
        names,
        cargo);
  }

  Hosts of(Cargo other) {
    return new Hosts(opened, names, other);
  }

  /// Where that name leads, all of it allowed. With `byProxy` that is the proxy's to know, and none
  /// will do: but what is known here as no public address is not asked of it.
  Set<InetAddress> addresses(String name, int port, boolean byProxy)
      throws IOException, InterruptedException, BuildRefused {
    var isOpened = RegistryHost.parse(name + ":" + port).filter(opened::contains).isPresent();
    var addresses = byProxy ? known(name) : lookUp(name);
    if (!isOpened && !Outside.holds(addresses)) {
      throw BuildRefused.because(
          "%s are not fetched from %s, which is not on the public internet"
              .formatted(cargo.many(), name),
          "take a public one, or let the operator add %s to %s"
              .formatted(port == 443 ? name : name + ":" + port, SETTING));
    }
    return addresses;
  }

  /// Behind a proxy there may be nobody to ask, and no answer, to every connection anew.
  private Set<InetAddress> known(String name) throws IOException, InterruptedException {
    return names.within(BRIEFLY).known(name);
  }

  private Set<InetAddress> lookUp(String name)
      throws IOException, InterruptedException, BuildRefused {
    try {
      var addresses = names.addresses(name);
      if (addresses.isEmpty()) {
        throw BuildRefused.because(
            "%s cannot be fetched from %s (its name leads nowhere)".formatted(cargo.many(), name),
            cargo.correction() + ", or push again later");
      }
      return addresses;
    } catch (TimeoutException _) {
      throw BuildRefused.because(
          "%s cannot be fetched from %s (its name is not resolved in time)"
              .formatted(cargo.many(), name),
          "push again later");
    }
  }
}
