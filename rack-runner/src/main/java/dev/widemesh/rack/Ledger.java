package dev.widemesh.rack;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What must outlive this process about one environment: who has which address, what was restarted
/// how often and why, and which jobs began. Not thread-safe: its environment's lock guards it.
final class Ledger {
  private static final int FIRST = 2;
  private static final int LAST = 254;

  private final Vault vault;
  private final String name;
  private final Map<String, Lease> leases;
  private final Map<String, Starts> starts;
  private final Map<String, End> ends;
  private final Set<String> jobs;
  private int lastIndex = FIRST - 1;

  /// `left` is the first table revision without the address, 0 while the container has it.
  record Lease(String container, long left) {}

  /// `restarts` since it was last healthy; `total` since its set was made.
  record Starts(List<Instant> restarts, int total) {
    static final Starts NONE = new Starts(List.of(), 0);

    Starts {
      restarts = List.copyOf(restarts);
    }

    Starts again(Instant now) {
      var more = new java.util.ArrayList<>(restarts);
      more.add(now);
      return new Starts(more, total + 1);
    }
  }

  /// How an instance ended the last time, and how long it ran till then; `why` in words.
  /// `ranMillis` is not in what an older version stored.
  record End(int exitCode, boolean outOfMemory, @Nullable Long ranMillis, String why) {}

  /// `ends` is not in what an older version stored.
  record Stored(
      Map<String, Lease> leases,
      Map<String, Starts> starts,
      @Nullable Map<String, End> ends,
      Set<String> jobs) {}

  Ledger(Vault vault, String environment) {
    this.vault = vault;
    this.name = "ledger-" + environment;
    var nothing = new Stored(Map.of(), Map.of(), Map.of(), Set.of());
    var stored = vault.read(name, Stored.class).orElse(nothing);
    this.leases = new HashMap<>(stored.leases());
    this.starts = new HashMap<>(stored.starts());
    this.ends = new HashMap<>(Objects.requireNonNullElse(stored.ends(), Map.of()));
    this.jobs = new HashSet<>(stored.jobs());
  }

  /// An address for a container that is about to be made, on disk before it is used. Goes round, so
  /// that one that was just given up is taken again as late as possible.
  String lease(Subnet subnet, String container) {
    var index =
        IntStream.rangeClosed(1, LAST)
            .map(step -> (lastIndex + step) % (LAST + 1))
            .filter(candidate -> candidate >= FIRST)
            .filter(candidate -> !leases.containsKey(subnet.address(candidate)))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no free address left in "
                            + subnet
                            + "; run fewer instances, or see that the router runs"));
    lastIndex = index;
    leases.put(subnet.address(index), new Lease(container, 0));
    save();
    return subnet.address(index);
  }

  /// Addresses of vanished containers leave with the table of `revision`, and are free once every
  /// live router applied it. `making` are containers that may exist any moment.
  void settle(Collection<Seen> seen, Set<String> making, long revision, RouterVotes votes) {
    var before = Map.copyOf(leases);
    var names = new HashSet<>(making);
    for (var one : seen) {
      names.add(one.name());
      if (!one.address().isEmpty()) {
        leases.put(one.address(), new Lease(one.name(), 0));
      }
    }
    leases.replaceAll(
        (_, lease) ->
            lease.left() == 0 && !names.contains(lease.container())
                ? new Lease(lease.container(), revision)
                : lease);
    leases.values().removeIf(lease -> lease.left() != 0 && votes.applied(lease.left()));
    if (!before.equals(leases)) {
      save();
    }
  }

  /// The container of each address that is not on its way out.
  Map<String, String> inUse() {
    var inUse = new HashMap<String, String>();
    leases.forEach(
        (address, lease) -> {
          if (lease.left() == 0) {
            inUse.put(address, lease.container());
          }
        });
    return inUse;
  }

  Starts starts(String instance) {
    return starts.getOrDefault(instance, Starts.NONE);
  }

  void restarted(String instance, Instant now) {
    starts.put(instance, starts(instance).again(now));
    save();
  }

  /// On disk together with the restart that follows: until then Docker knows it.
  void ended(String instance, End end) {
    ends.put(instance, end);
  }

  Optional<End> end(String instance) {
    return Optional.ofNullable(ends.get(instance));
  }

  /// Ten minutes of health: the pauses begin anew.
  void healthy(String instance) {
    var before = starts(instance);
    if (!before.restarts().isEmpty()) {
      starts.put(instance, new Starts(List.of(), before.total()));
      save();
    }
  }

  boolean began(String job) {
    return jobs.contains(job);
  }

  void begin(String job) {
    if (jobs.add(job)) {
      save();
    }
  }

  /// Forgets instances and jobs that are no longer wanted.
  void keepOnly(Set<String> instances, Set<String> wantedJobs) {
    var fewerStarts = starts.keySet().retainAll(instances);
    var fewerEnds = ends.keySet().retainAll(instances);
    var fewerJobs = jobs.retainAll(wantedJobs);
    if (fewerStarts || fewerEnds || fewerJobs) {
      save();
    }
  }

  void delete() {
    vault.delete(name);
  }

  private void save() {
    vault.write(
        name,
        new Stored(Map.copyOf(leases), Map.copyOf(starts), Map.copyOf(ends), Set.copyOf(jobs)));
  }
}
