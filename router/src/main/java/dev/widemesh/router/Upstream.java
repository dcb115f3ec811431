package dev.widemesh.router;

import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// One instance, as long as it stays in the table at one address: is it ready, what is in flight,
/// which connections lead to it. It outlives a swap of the table, so a swap loses no count.
final class Upstream {
  enum Standing {
    CANDIDATE,
    CURRENT,
    DRAINING,
    GONE
  }

  enum Health {
    /// Never answered a probe so far.
    STARTING,
    READY,
    UNREADY
  }

  private final RouteTable.Instance instance;
  private final List<Pool> pools;
  private final Runnable changed;
  private final long since = System.nanoTime();
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile Standing standing;
  private volatile Health health = Health.STARTING;
  private volatile String detail = "not probed yet";
  private volatile Runnable hurry = () -> {};

  Upstream(RouteTable.Instance instance, List<Lane> lanes, Standing standing, Runnable changed) {
    this.instance = instance;
    this.pools = lanes.stream().map(lane -> new Pool(lane, instance)).toList();
    this.standing = standing;
    this.changed = changed;
  }

  RouteTable.Instance instance() {
    return instance;
  }

  /// Only for use on that lane.
  Pool pool(Lane lane) {
    return pools.get(lane.number());
  }

  /// Counts one more exchange, unless the instance may take none. Counting comes before looking,
  /// and [#stand] before [#drained]: so whoever reads "drained" knows that nobody can still slip
  /// in.
  boolean enter() {
    inFlight.incrementAndGet();
    if (standing == Standing.CURRENT) {
      return true;
    }
    leave();
    return false;
  }

  void leave() {
    if (inFlight.decrementAndGet() == 0 && standing != Standing.CURRENT) {
      changed.run();
    }
  }

  int inFlight() {
    return inFlight.get();
  }

  boolean drained() {
    return standing == Standing.DRAINING && inFlight.get() == 0;
  }

  void stand(Standing next) {
    standing = next;
    switch (next) {
      case CANDIDATE, CURRENT -> {
        pools.forEach(Pool::keep);
        hurry.run();
      }
      case DRAINING -> pools.forEach(Pool::closeIdle);
      case GONE -> pools.forEach(Pool::closeAll);
    }
  }

  Standing standing() {
    return standing;
  }

  boolean probed() {
    return instance.port() > 0 && (standing == Standing.CANDIDATE || standing == Standing.CURRENT);
  }

  boolean ready() {
    return health == Health.READY;
  }

  /// Worth waiting for: it may be ready any moment, for its first time.
  boolean starting(long patienceNanos) {
    return health == Health.STARTING && System.nanoTime() - since < patienceNanos;
  }

  Health health() {
    return health;
  }

  void healthy() {
    become(Health.READY, "");
  }

  /// A failed probe says why; one that was never ready stays "starting".
  void unhealthy(String why) {
    become(health == Health.STARTING ? Health.STARTING : Health.UNREADY, why);
  }

  /// A request met a closed port: it leaves the pool at once, and is probed soon.
  void refused(String why) {
    unhealthy(why);
    hurry.run();
  }

  private void become(Health next, String why) {
    if (next != health || !why.equals(detail)) {
      detail = why;
      health = next;
      changed.run();
    }
  }

  void onHurry(Runnable action) {
    hurry = action;
  }

  RouterReport.Probe probe() {
    return new RouterReport.Probe(instance.id(), ready(), ready() ? "" : detail);
  }
}
