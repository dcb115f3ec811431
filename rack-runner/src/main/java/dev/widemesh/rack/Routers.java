package dev.widemesh.rack;

import dev.widemesh.api.rack.RouterReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The routers of this rack and their newest words. One silent for ten seconds has no vote.
final class Routers {
  private static final Duration SILENT = Duration.ofSeconds(10);
  private static final int MOST = 100;

  private final InstantSource clock;
  private final Map<String, RouterVotes.Vote> votes = new TreeMap<>();

  Routers(InstantSource clock) {
    this.clock = clock;
  }

  /// What a report changed: the instances it speaks of differently, or all when it applied another
  /// table.
  record Change(boolean all, Set<String> instances) {}

  synchronized Change hear(RouterReport report) {
    forgetSilent();
    var before = votes.get(report.router());
    if (before != null || votes.size() < MOST) {
      votes.put(report.router(), new RouterVotes.Vote(report, clock.instant()));
    }
    if (before == null || before.report().applied() != report.applied()) {
      return new Change(true, Set.of());
    }
    return new Change(false, difference(before.report(), report));
  }

  private static Set<String> difference(RouterReport before, RouterReport after) {
    var changed = new HashSet<String>();
    symmetric(states(before), states(after)).forEach((instance, _) -> changed.add(instance));
    for (var instance : after.drained()) {
      if (!before.drained().contains(instance)) {
        changed.add(instance);
      }
    }
    return changed;
  }

  private static Map<String, RouterReport.Probe> states(RouterReport report) {
    var map = new HashMap<String, RouterReport.Probe>();
    report.probes().forEach(probe -> map.put(probe.instance(), probe));
    return map;
  }

  private static <V> Map<String, V> symmetric(Map<String, V> one, Map<String, V> other) {
    var result = new HashMap<String, V>();
    one.forEach(
        (key, value) -> {
          if (!value.equals(other.get(key))) {
            result.put(key, value);
          }
        });
    other.forEach(
        (key, value) -> {
          if (!one.containsKey(key)) {
            result.put(key, value);
          }
        });
    return result;
  }

  /// It said that it ends.
  synchronized void forget(String router) {
    votes.remove(router);
  }

  synchronized RouterVotes votes() {
    forgetSilent();
    return new RouterVotes(java.util.List.copyOf(votes.values()));
  }

  /// Names of the live ones.
  synchronized Set<String> live() {
    forgetSilent();
    return Set.copyOf(votes.keySet());
  }

  private void forgetSilent() {
    Instant oldest = clock.instant().minus(SILENT);
    votes.values().removeIf(vote -> vote.at().isBefore(oldest));
  }
}
