package dev.widemesh.router;

import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where everything is, ready for look-up: immutable, replaced whole by a newer one.
record Routing(
    long revision,
    Map<String, Site> sites,
    Map<String, Inside> environments,
    Map<String, Inside> addresses) {
  static final Routing EMPTY = new Routing(0, Map.of(), Map.of(), Map.of());

  Routing {
    sites = Map.copyOf(sites);
    environments = Map.copyOf(environments);
    addresses = Map.copyOf(addresses);
  }

  /// What a public host name leads to; longest prefix first.
  record Site(String environment, List<PathRoute> routes) {
    Optional<PathRoute> route(String path) {
      for (var route : routes) {
        if (matches(route.prefix(), path)) {
          return Optional.of(route);
        }
      }
      return Optional.empty();
    }

    /// On whole segments: `/api` is `/api` and `/api/x`, never `/apix`.
    private static boolean matches(String prefix, String path) {
      if (!path.startsWith(prefix)) {
        return false;
      }
      return prefix.endsWith("/")
          || path.length() == prefix.length()
          || path.charAt(prefix.length()) == '/';
    }
  }

  /// One environment seen from its own containers.
  record Inside(
      String id, String name, Subnet subnet, String address, Map<String, Backends> services) {
    Inside {
      services = Map.copyOf(services);
    }
  }

  /// The instances that may take a service's requests. `line` is where requests wait for one.
  record Backends(String environment, String hostname, List<Upstream> current, WaitingLine line) {
    boolean takesConnections() {
      return current.stream().anyMatch(upstream -> upstream.instance().port() > 0);
    }
  }

  /// The environment whose own address this is.
  Optional<Inside> at(String localAddress) {
    return Optional.ofNullable(addresses.get(Subnet.plain(localAddress)));
  }

  Optional<Inside> environment(String id) {
    return Optional.ofNullable(environments.get(id));
  }

  Optional<Site> site(String host) {
    return Optional.ofNullable(sites.get(host));
  }

  Optional<Backends> backends(String environment, String hostname) {
    return environment(environment).map(inside -> inside.services().get(hostname));
  }

  static String key(String host) {
    var lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
