package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RouteTable.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// All that a plan looks at, at one moment. `followed`: ended containers whose last line is stored.
record Situation(
    EnvironmentDefinition wanted,
    List<Seen> seen,
    Memory memory,
    Ledger ledger,
    RouterVotes votes,
    Predicate<Seen> followed,
    Instant now) {

  /// Long enough for a second try: Docker may hang up in the midst of a container's output.
  static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /// All that an ended container wrote is stored, or takes too long.
  boolean isHeardOut(Seen one, Instant ended) {
    return followed.test(one) || !ended.plus(LAST_WORDS).isAfter(now);
  }

  /// One wanted instance and its place.
  record Slot(InstanceSet set, int index, Role role) {
    String instance() {
      return set.instance(index);
    }
  }

  /// By instance id; a set that is current and a candidate at once is current.
  Map<String, Slot> slots() {
    var slots = new LinkedHashMap<String, Slot>();
    if (!wanted.deleted()) {
      wanted.current().forEach(set -> add(slots, set, Role.CURRENT));
      wanted.candidate().forEach(set -> add(slots, set, Role.CANDIDATE));
    }
    return slots;
  }

  private static void add(Map<String, Slot> slots, InstanceSet set, Role role) {
    for (var index = 1; index <= set.count(); index++) {
      slots.putIfAbsent(set.instance(index), new Slot(set, index, role));
    }
  }

  /// The container that fills the slot: never one that was already told to end.
  Optional<Seen> filling(String instance) {
    return seen.stream()
        .filter(one -> !one.labels().isJob() && one.labels().instance().equals(instance))
        .filter(one -> !isStopping(one))
        .min(Seen.liveliest());
  }

  private boolean isStopping(Seen one) {
    return leaving(one).filter(Leaving.Stopping.class::isInstance).isPresent();
  }

  Optional<Leaving> leaving(Seen one) {
    return memory.leaving(one.container());
  }

  Optional<Seen> running(EnvironmentDefinition.Job job) {
    return seen.stream().filter(one -> one.labels().job().equals(job.id())).min(Seen.liveliest());
  }

  boolean isReady(String instance) {
    return filling(instance)
        .filter(Seen::isRunning)
        .flatMap(one -> memory.health(one.container()))
        .filter(Memory.Health::ready)
        .isPresent();
  }

  /// What no slot and no job wants.
  List<Seen> surplus() {
    var surplus = new ArrayList<>(seen);
    for (var instance : slots().keySet()) {
      filling(instance).ifPresent(surplus::remove);
    }
    if (!wanted.deleted()) {
      wanted.jobs().forEach(job -> running(job).ifPresent(surplus::remove));
    }
    return surplus;
  }

  Set<String> containers() {
    return Set.copyOf(seen.stream().map(Seen::container).toList());
  }
}
