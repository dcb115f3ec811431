package dev.widemesh.router;

import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import dev.widemesh.model.Failpoint;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes each new table into use, keeps it on disk, and tells the rack-runner. Everything here runs
/// on the first lane.
// When changing this class:
// - a revision is acknowledged only after it is on disk: whoever reads the acknowledgement gives
// the
//   addresses of older revisions to others, and a restart must not bring those revisions back
final class Tables {
  private static final Logger log = LoggerFactory.getLogger(Tables.class);

  private final String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  private final Vertx vertx;
  private final List<Lane> lanes;
  private final Settings settings;
  private final boolean shared;
  private final Snapshot snapshot;
  private final Forwarder forwarder;
  private final RackSocket rack;
  private final Certificates certificates = new Certificates();
  private final Instances instances;
  private final Directory directory;
  private final InsideListeners inside;
  private final Reports reports;
  private final Set<Upstream> probed = new HashSet<>();
  private List<RackMessage.Certificate> lastCertificates = List.of();
  private Optional<RouteFeed> feed = Optional.empty();
  private volatile long newest;
  private volatile long acknowledged;

  private Tables(
      Vertx vertx, List<Lane> lanes, RouterConfig config, Settings settings, Forwarder forwarder) {
    this.vertx = vertx;
    this.lanes = lanes;
    this.settings = settings;
    this.forwarder = forwarder;
    this.shared = PublicListeners.shared(config, settings);
    this.snapshot = new Snapshot(config.data());
    this.rack = new RackSocket(vertx, config.socket());
    this.instances = new Instances(lanes, this::instanceChanged);
    this.directory = new Directory(instances::routing, settings.bodyLimit());
    this.inside = new InsideListeners(this::bindings);
    this.reports = new Reports(vertx, lanes.getFirst().context(), rack, this::report);
  }

  static Tables open(Vertx vertx, List<Lane> lanes, RouterConfig config, Settings settings) {
    var resolvers = new HostResolvers(settings.resolvers());
    Promise<Forwarder> opened = Promise.promise();
    lanes
        .getFirst()
        .run(
            () -> {
              resolvers.watch(vertx);
              Forwarder.open(vertx, resolvers).onComplete(opened);
            });
    var forwarder = Router.await(opened.future(), Duration.ofSeconds(10));
    return new Tables(vertx, lanes, config, settings, forwarder);
  }

  /// Serves by that table, and asks for newer ones from now on.
  Future<Void> begin(RouteTable last) {
    Promise<Void> begun = Promise.promise();
    lanes
        .getFirst()
        .run(
            () -> {
              use(last);
              acknowledged = last.revision();
              var routes = new RouteFeed(vertx, rack, last.revision(), this::take);
              feed = Optional.of(routes);
              routes.pull();
              reports.start();
              begun.complete();
            });
    return begun.future();
  }

  private void take(RouteTable table) {
    use(table);
    Failpoint.TABLE_USED.pass();
    newest = table.revision();
    vertx
        .executeBlocking(() -> keep(table))
        .onComplete(
            _ -> {
              acknowledged = Math.max(acknowledged, table.revision());
              reports.changed();
            });
  }

  private void use(RouteTable table) {
    instances.apply(table);
    if (!table.certificates().equals(lastCertificates)) {
      lastCertificates = table.certificates();
      certificates.replace(table.certificates());
    }
    inside.reconcile(instances.routing());
    probe();
    instanceChanged();
    log.debug("routes by revision {}", table.revision());
  }

  private boolean keep(RouteTable table) throws IOException {
    if (table.revision() < newest) {
      return false;
    }
    try {
      snapshot.save(table);
      Failpoint.SNAPSHOT_WRITTEN.pass();
      return true;
    } catch (IOException e) {
      log.error(
          "cannot keep the routes ({}): a restart would wait for the rack-runner", e.toString());
      snapshot.drop();
      return false;
    }
  }

  private void probe() {
    var all = instances.all();
    probed.retainAll(Set.copyOf(all));
    for (var upstream : all) {
      if (probed.add(upstream)) {
        var lane = lanes.get(Math.floorMod(upstream.hashCode(), lanes.size()));
        var prober = new Prober(upstream, lane);
        upstream.onHurry(prober::hurry);
        prober.hurry();
      }
    }
  }

  private void instanceChanged() {
    reports.changed();
    lanes.forEach(Lane::wake);
  }

  private RouterReport report() {
    return new RouterReport(id, acknowledged, instances.probes(), instances.drained());
  }

  Certificates certificates() {
    return certificates;
  }

  Reception reception(Lane lane, Door door) {
    return new Reception(lane, door, directory, certificates, settings);
  }

  private List<Binding> bindings(Routing.Inside environment) {
    var names = new Binding(vertx, "DNS of " + environment.name(), () -> names(environment));
    if (shared) {
      return List.of(names);
    }
    var http = new Binding(vertx, "HTTP inside " + environment.name(), () -> http(environment));
    return List.of(http, names);
  }

  private Future<Binding.Closer> names(Routing.Inside environment) {
    return NameServer.open(
            vertx,
            environment.id(),
            environment.address(),
            settings.insideDns(),
            instances::routing,
            forwarder)
        .map(names -> names::close);
  }

  private Future<Binding.Closer> http(Routing.Inside environment) {
    var door = new Door.Inside(environment.id());
    return Listener.open(
            lanes,
            lane -> reception(lane, door),
            Listener.plain(),
            environment.address(),
            settings.insideHttp(),
            0)
        .map(listener -> () -> listener.shutdown(settings.drain()));
  }

  /// Nobody waits for this router's word any more.
  Future<Void> farewell() {
    Promise<Void> said = Promise.promise();
    lanes
        .getFirst()
        .run(
            () -> {
              reports.stop();
              rack.farewell(id).onComplete(said);
            });
    return said.future();
  }

  /// Lets requests from inside finish, too.
  Future<Void> shutdown() {
    Promise<Void> closed = Promise.promise();
    lanes
        .getFirst()
        .run(
            () -> {
              feed.ifPresent(RouteFeed::stop);
              inside.close().onComplete(closed);
            });
    return closed.future();
  }
}
