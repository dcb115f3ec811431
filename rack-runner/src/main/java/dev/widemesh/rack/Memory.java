package dev.widemesh.rack;

import dev.widemesh.api.rack.RouteTable.Role;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What this process remembers of one environment between two looks, beside its [Ledger]. All of it
/// may be lost: a container that leaves is then drained once more. Not thread-safe.
final class Memory {
  private final Map<String, Leaving> leaving = new HashMap<>();
  private final Map<String, Role> roles = new HashMap<>();
  private final Map<String, Health> health = new HashMap<>();
  private final Map<String, Refusal> refusals = new HashMap<>();
  private final Map<String, String> overfull = new HashMap<>();

  /// Of one run of a container. `since` it is as it is.
  record Health(Instant run, boolean ready, boolean wasReady, Instant since, String detail) {}

  /// Docker or the registry said no; not again before `until`.
  record Refusal(String message, int times, Instant until) {}

  Optional<Leaving> leaving(String container) {
    return Optional.ofNullable(leaving.get(container));
  }

  void leaves(String container, Leaving how) {
    leaving.put(container, how);
  }

  void resumes(String container) {
    leaving.remove(container);
  }

  /// The table of that revision shows all of this environment that drain.
  void drainingShownBy(long revision) {
    leaving.replaceAll(
        (_, how) ->
            how instanceof Leaving.Draining(var since, var shown) && shown == 0
                ? new Leaving.Draining(since, revision)
                : how);
  }

  Optional<Role> role(String container) {
    return Optional.ofNullable(roles.get(container));
  }

  void plays(String container, Role role) {
    roles.put(container, role);
  }

  Optional<Health> health(String container) {
    return Optional.ofNullable(health.get(container));
  }

  void health(String container, Health now) {
    health.put(container, now);
  }

  /// That it took more of the disk than it may, in words.
  Optional<String> overfull(String container) {
    return Optional.ofNullable(overfull.get(container));
  }

  void overfills(String container, String words) {
    overfull.put(container, words);
  }

  Optional<Refusal> refusal(String key) {
    return Optional.ofNullable(refusals.get(key));
  }

  void refused(String key, RuntimeException failure, Instant now) {
    var times = refusal(key).map(Refusal::times).orElse(0) + 1;
    var pause =
        failure instanceof Unsigned
            ? RestartPauses.untilSigned(times)
            : RestartPauses.afterRefusals(times);
    refusals.put(key, new Refusal(Refusals.reason(failure), times, now.plus(pause)));
  }

  void accepted(String key) {
    refusals.remove(key);
  }

  void keepOnly(Set<String> containers, Set<String> keys) {
    leaving.keySet().retainAll(containers);
    roles.keySet().retainAll(containers);
    health.keySet().retainAll(containers);
    refusals.keySet().retainAll(keys);
    overfull.keySet().retainAll(containers);
  }
}
