package dev.widemesh.router;

import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import dev.widemesh.router.Routing.Backends;
import dev.widemesh.router.Routing.Inside;
import dev.widemesh.router.Routing.Site;
import dev.widemesh.router.Upstream.Standing;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns tables into [Routing]s, and keeps what must survive them: the state of each instance by
/// its id, and the line before each service. Used from one thread, but for [#routing].
final class Instances {
  private static final Logger log = LoggerFactory.getLogger(Instances.class);

  private final List<Lane> lanes;
  private final Runnable changed;
  private Map<String, Upstream> upstreams = new HashMap<>();
  private Map<String, WaitingLine> lines = new HashMap<>();
  private volatile Routing routing = Routing.EMPTY;

  Instances(List<Lane> lanes, Runnable changed) {
    this.lanes = lanes;
    this.changed = changed;
  }

  Routing routing() {
    return routing;
  }

  // When changing this step:
  // - new instances take requests before old ones refuse them: a request finds one or the other
  // - whoever left is closed in full: its address may be given to another tenant
  void apply(RouteTable table) {
    var pass = new Pass();
    var next = pass.compile(table);
    pass.standings.forEach(
        (upstream, standing) -> {
          if (standing == Standing.CURRENT || standing == Standing.CANDIDATE) {
            settle(upstream, standing);
          }
        });
    var before = upstreams;
    upstreams = pass.kept;
    lines = pass.lines;
    routing = next;
    pass.standings.forEach(Instances::settle);
    before.values().stream()
        .filter(upstream -> !pass.standings.containsKey(upstream))
        .forEach(upstream -> upstream.stand(Standing.GONE));
  }

  private static void settle(Upstream upstream, Standing standing) {
    if (upstream.standing() != standing) {
      upstream.stand(standing);
    }
  }

  List<Upstream> all() {
    return List.copyOf(upstreams.values());
  }

  List<RouterReport.Probe> probes() {
    return upstreams.values().stream()
        .filter(upstream -> upstream.instance().port() > 0)
        .map(Upstream::probe)
        .toList();
  }

  List<String> drained() {
    return upstreams.values().stream()
        .filter(Upstream::drained)
        .map(upstream -> upstream.instance().id())
        .toList();
  }

  /// One table on its way to a [Routing].
  private final class Pass {
    final Map<String, Upstream> kept = new HashMap<>();
    final Map<Upstream, Standing> standings = new HashMap<>();
    final Map<String, WaitingLine> lines = new HashMap<>();
    private final Map<String, Site> sites = new HashMap<>();
    private final Map<String, Inside> environments = new HashMap<>();
    private final Map<String, Inside> addresses = new HashMap<>();

    Routing compile(RouteTable table) {
      for (var environment : table.environments()) {
        try {
          add(environment);
        } catch (IllegalArgumentException | NullPointerException e) {
          log.error("cannot route environment {}: {}", environment.name(), e.toString());
        }
      }
      return new Routing(table.revision(), sites, environments, addresses);
    }

    private void add(RouteTable.Environment environment) {
      var services = new HashMap<String, Backends>();
      var subnet = Subnet.parse(environment.subnet());
      for (var service : environment.services()) {
        services.put(service.hostname(), backends(environment.id(), service));
      }
      var inside =
          new Inside(
              environment.id(), environment.name(), subnet, environment.routerAddress(), services);
      environments.put(environment.id(), inside);
      addresses.put(environment.routerAddress(), inside);
      for (var endpoint : environment.endpoints()) {
        var routes =
            endpoint.routes().stream()
                .sorted(Comparator.comparingInt((PathRoute r) -> r.prefix().length()).reversed())
                .toList();
        sites.put(Routing.key(endpoint.host()), new Site(environment.id(), routes));
      }
    }

    private Backends backends(String environment, RouteTable.Service service) {
      var current =
          service.instances().stream()
              .map(instance -> place(environment, instance))
              .filter(upstream -> standings.get(upstream) == Standing.CURRENT)
              .toList();
      var key = environment + "/" + service.hostname();
      var line = Instances.this.lines.getOrDefault(key, new WaitingLine());
      lines.put(key, line);
      return new Backends(environment, service.hostname(), current, line);
    }

    /// The same id at another address is another instance: nothing of the old one holds for it. How
    /// it is probed does not matter: one that drains may be described with less than when it
    /// served.
    private Upstream place(String environment, RouteTable.Instance instance) {
      var standing =
          switch (instance.role()) {
            case CANDIDATE -> Standing.CANDIDATE;
            case CURRENT -> Standing.CURRENT;
            case DRAINING -> Standing.DRAINING;
          };
      var key = environment + "/" + instance.id();
      var known = upstreams.get(key);
      var upstream =
          known != null && same(known.instance(), instance)
              ? known
              : new Upstream(instance, lanes, standing, changed);
      kept.put(key, upstream);
      standings.put(upstream, standing);
      return upstream;
    }

    private boolean same(RouteTable.Instance one, RouteTable.Instance other) {
      return one.address().equals(other.address()) && one.port() == other.port();
    }
  }
}
