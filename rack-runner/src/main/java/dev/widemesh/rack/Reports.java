package dev.widemesh.rack;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Route;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import dev.widemesh.api.rack.RackReport.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the controller what was seen: a change within a tenth of a second, and everything every
/// ten seconds. Only the newest of each environment is kept, so a controller that is away costs
/// nothing.
final class Reports implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reports.class);
  private static final Duration EVERYTHING = Duration.ofSeconds(10);
  private static final Duration GATHER = Duration.ofMillis(50);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final RackRunnerConfig config;
  private final ApiClient controller;
  private final Routers routers;
  private final BlockingQueue<Boolean> signals = new ArrayBlockingQueue<>(1);
  private final Map<String, EnvironmentReport> newest = new TreeMap<>();
  private final Set<String> changed = new HashSet<>();
  private final Thread thread;
  private boolean full;
  private boolean failing;

  Reports(RackRunnerConfig config, ApiClient controller, Routers routers) {
    this.config = config;
    this.controller = controller;
    this.routers = routers;
    this.thread = Thread.ofVirtual().name("reports").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  synchronized void put(EnvironmentReport report) {
    var before = newest.put(report.environment(), report);
    if (before == null || !withoutUsage(before).equals(withoutUsage(report))) {
      changed.add(report.environment());
      signal();
    }
  }

  private static EnvironmentReport withoutUsage(EnvironmentReport report) {
    return new EnvironmentReport(
        report.environment(),
        report.revision(),
        report.routed(),
        report.gone(),
        report.instances().stream().map(Reports::withoutUsage).toList(),
        report.jobs());
  }

  private static Instance withoutUsage(Instance one) {
    return new Instance(
        one.id(),
        one.set(),
        one.state(),
        one.since(),
        one.restarts(),
        one.exitCode(),
        one.outOfMemory(),
        one.ranMillis(),
        one.message(),
        one.container(),
        one.address(),
        one.listening(),
        one.lastLines(),
        0,
        0);
  }

  synchronized void forget(String environment) {
    newest.remove(environment);
    changed.remove(environment);
  }

  /// Everything, now: the controller is there again, or a router came or went.
  synchronized void everything() {
    full = true;
    signal();
  }

  private void signal() {
    var _ = signals.offer(true);
  }

  private void run() {
    try {
      while (true) {
        if (signals.poll(EVERYTHING.toMillis(), TimeUnit.MILLISECONDS) == null) {
          everything();
        } else {
          Thread.sleep(GATHER);
        }
        if (!post(take())) {
          Thread.sleep(AFTER_FAILURE);
        }
      }
    } catch (InterruptedException _) {
      log.debug("reports stopped");
    }
  }

  private synchronized RackReport take() {
    var environments = new ArrayList<EnvironmentReport>();
    newest.forEach(
        (environment, report) -> {
          if (full || changed.contains(environment)) {
            environments.add(report);
          }
        });
    var names = List.copyOf(routers.live());
    var report = new RackReport(config.rack(), config.node(), full, names, environments);
    full = false;
    changed.clear();
    return report;
  }

  private boolean post(RackReport report) throws InterruptedException {
    try {
      var _ = controller.ask("POST", Route.RACK_REPORT.path(), report, Object.class);
      failing = false;
      return true;
    } catch (ApiException | IllegalArgumentException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (!failing) {
        log.warn("cannot report: {}; trying again", e.getMessage());
      }
      failing = true;
      everything();
      return false;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
