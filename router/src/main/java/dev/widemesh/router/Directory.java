package dev.widemesh.router;

import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import io.vertx.core.net.SocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/// Finds the [Destination] of a request. An environment's own listener never falls through to the
/// public names, and the other way round.
record Directory(Supplier<Routing> routing, long bodyLimit) {
  Destination find(Door door, SocketAddress local, SocketAddress remote, String host, String path) {
    var now = routing.get();
    return switch (door) {
      case Door.Public(_, var shared) -> {
        var inside = shared ? now.at(local.hostAddress()) : Optional.<Routing.Inside>empty();
        yield inside
            .map(environment -> inside(environment, remote, host))
            .orElseGet(() -> published(now, host, path));
      }
      case Door.Inside(var id) ->
          now.environment(id)
              .map(environment -> inside(environment, remote, host))
              .orElseGet(Destination.Stranger::new);
    };
  }

  /// The same service in the table of now.
  Optional<Routing.Backends> again(Routing.Backends backends) {
    return routing.get().backends(backends.environment(), backends.hostname());
  }

  /// Whether the listener may talk to this peer at all.
  boolean welcome(Door door, SocketAddress remote) {
    return switch (door) {
      case Door.Public _ -> true;
      case Door.Inside(var id) ->
          routing
              .get()
              .environment(id)
              .map(e -> e.subnet().contains(address(remote)))
              .orElse(false);
    };
  }

  private static Destination inside(Routing.Inside environment, SocketAddress remote, String host) {
    if (!environment.subnet().contains(address(remote))) {
      return new Destination.Stranger();
    }
    var backends = environment.services().get(host);
    return backends == null
        ? new Destination.None(Refusal.NO_SUCH_SERVICE)
        : found(backends, "", Long.MAX_VALUE);
  }

  private Destination published(Routing now, String host, String path) {
    var site = now.site(host);
    if (site.isEmpty()) {
      return new Destination.None(Refusal.NO_SUCH_ENDPOINT);
    }
    return site.get()
        .route(path)
        .map(route -> published(now, site.get().environment(), route))
        .orElseGet(() -> new Destination.None(Refusal.NOTHING_PUBLISHED));
  }

  private Destination published(Routing now, String environment, PathRoute route) {
    var prefix = route.strip() && !route.prefix().equals("/") ? route.prefix() : "";
    return now.backends(environment, route.hostname())
        .map(backends -> found(backends, prefix, bodyLimit))
        .orElseGet(() -> new Destination.None(Refusal.NONE_HEALTHY));
  }

  private static Destination found(Routing.Backends backends, String prefix, long limit) {
    if (backends.current().isEmpty()) {
      return new Destination.None(Refusal.NONE_HEALTHY);
    }
    return backends.takesConnections()
        ? new Destination.Found(backends, prefix, limit)
        : new Destination.None(Refusal.NO_SUCH_SERVICE);
  }

  static String address(SocketAddress address) {
    return Subnet.plain(String.valueOf(address.hostAddress()));
  }
}
