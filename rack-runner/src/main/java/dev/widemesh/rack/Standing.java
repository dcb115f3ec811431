package dev.widemesh.rack;

import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.InstanceSpec.Readiness.Kind;
import dev.widemesh.rack.Memory.Health;
import dev.widemesh.rack.RouterVotes.Verdict;
import dev.widemesh.rack.Seen.Phase;
import java.time.Duration;
import java.time.Instant;

/// Judges who is ready, and remembers since when. Ten minutes of it forgive all crashes.
final class Standing {
  private static final Duration FORGIVEN = Duration.ofMinutes(10);

  private Standing() {}

  static void observe(Situation situation) {
    for (var slot : situation.slots().values()) {
      situation.filling(slot.instance()).ifPresent(seen -> observe(situation, slot, seen));
    }
  }

  private static void observe(Situation situation, Situation.Slot slot, Seen seen) {
    if (!(seen.phase() instanceof Phase.Running(var since, _))) {
      return;
    }
    var memory = situation.memory();
    var verdict = judge(slot.set().spec(), slot.instance(), since, situation);
    var before =
        memory
            .health(seen.container())
            .filter(health -> health.run().equals(since))
            .orElse(new Health(since, false, false, since, ""));
    var changed = before.ready() != verdict.ready();
    var from = changed ? situation.now() : before.since();
    var wasReady = before.wasReady() || verdict.ready();
    memory.health(
        seen.container(), new Health(since, verdict.ready(), wasReady, from, verdict.detail()));
    if (verdict.ready() && !from.plus(FORGIVEN).isAfter(situation.now())) {
      situation.ledger().healthy(slot.instance());
    }
  }

  private static Verdict judge(
      InstanceSpec spec, String instance, Instant since, Situation situation) {
    var readiness = spec.readiness();
    if (readiness.kind() == Kind.ALIVE || spec.port() == 0) {
      var alive = since.plusMillis((long) (readiness.aliveSeconds() * 1_000));
      return alive.isAfter(situation.now()) ? Verdict.not("") : Verdict.READY;
    }
    return situation.votes().ready(instance, since);
  }
}
