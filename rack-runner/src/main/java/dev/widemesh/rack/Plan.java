package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition.Job;
import dev.widemesh.api.rack.InstanceSpec.Readiness.Kind;
import dev.widemesh.api.rack.RouteTable.Role;
import dev.widemesh.rack.Seen.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What to do next in an environment, and when to look again if nothing happens before. Pure: it
/// reads the [Situation] and changes nothing.
///
/// When changing this:
/// - an instance has at most one container that was not told to end, across our restarts too
/// - a container is told to end only after every live router drained it, or the deadline
/// - a container is removed only after its last line is stored, or the deadline
/// - a job runs at most once
record Plan(List<Step> steps, Instant lookAgain) {
  static final Duration DRAIN = Duration.ofSeconds(30);
  static final Duration HOLD = Duration.ofMinutes(2);
  private static final Duration KILL_AGAIN = Duration.ofSeconds(10);
  private static final Duration LAST_LINE = Duration.ofSeconds(10);
  private static final Duration SLACK = Duration.ofMinutes(1);
  private static final Duration LOOK = Duration.ofSeconds(30);

  static Plan of(Situation situation) {
    return new Planner(situation).plan();
  }

  private static final class Planner {
    private final Situation situation;
    private final Instant now;
    private final List<Step> steps = new ArrayList<>();
    private Instant lookAgain;

    Planner(Situation situation) {
      this.situation = situation;
      this.now = situation.now();
      this.lookAgain = now.plus(LOOK);
    }

    Plan plan() {
      situation.slots().values().forEach(this::fill);
      if (!situation.wanted().deleted()) {
        situation.wanted().jobs().forEach(this::run);
      }
      situation.surplus().forEach(this::clear);
      return new Plan(List.copyOf(steps), lookAgain);
    }

    private void fill(Situation.Slot slot) {
      var filling = situation.filling(slot.instance());
      if (filling.isEmpty()) {
        var create = new Step.Create(slot.set(), slot.index());
        when(allowed(slot.instance()), create);
        return;
      }
      var seen = filling.get();
      if (situation.leaving(seen).isPresent()) {
        steps.add(new Step.Resume(seen));
      }
      switch (seen.phase()) {
        case Phase.Created _ -> when(allowed(slot.instance()), new Step.Start(seen));
        case Phase.Running(var since, _) -> watch(slot, seen, since);
        case Phase.Ended(_, var at, _, _) -> restart(slot.instance(), seen, at);
      }
    }

    private Instant allowed(String key) {
      return situation.memory().refusal(key).map(Memory.Refusal::until).orElse(now);
    }

    /// What is ready because it lives becomes so at a known moment.
    private void watch(Situation.Slot slot, Seen seen, Instant since) {
      if (isOverfull(seen)) {
        steps.add(new Step.Kill(seen));
      }
      var readiness = slot.set().spec().readiness();
      var alive = since.plusMillis((long) (readiness.aliveSeconds() * 1_000));
      if (readiness.kind() == Kind.ALIVE && alive.isAfter(now)) {
        look(alive);
      }
    }

    private void restart(String instance, Seen seen, Instant ended) {
      // Its last words first: they say why it crashed.
      var heard = situation.isHeardOut(seen, ended) ? now : ended.plus(Situation.LAST_WORDS);
      var due = RestartPauses.next(situation.ledger().starts(instance).restarts(), ended);
      var allowed = allowed(instance);
      var latest = Stream.of(heard, due, allowed).max(Instant::compareTo).orElse(due);
      when(latest, isOverfull(seen) ? new Step.Replace(seen) : new Step.Restart(seen));
    }

    private boolean isOverfull(Seen seen) {
      return situation.memory().overfull(seen.container()).isPresent();
    }

    private void run(Job job) {
      var running = situation.running(job);
      if (running.isEmpty()) {
        if (!situation.ledger().began(job.id())) {
          when(allowed(job.id()), new Step.RunJob(job));
        }
        return;
      }
      var seen = running.get();
      switch (seen.phase()) {
        case Phase.Created _ -> when(allowed(job.id()), new Step.Start(seen));
        case Phase.Running(var since, _) ->
            when(since.plusSeconds(job.deadlineSeconds()), new Step.Kill(seen));
        case Phase.Ended _ -> {}
      }
    }

    private void clear(Seen seen) {
      switch (seen.phase()) {
        case Phase.Created _ -> steps.add(new Step.Remove(seen));
        case Phase.Ended(_, var at, _, _) -> {
          var stored = situation.followed().test(seen);
          when(stored ? now : at.plus(LAST_LINE), new Step.Remove(seen));
        }
        case Phase.Running _ -> stop(seen);
      }
    }

    private void stop(Seen seen) {
      var leaving = situation.leaving(seen);
      if (leaving.isEmpty()) {
        leave(seen);
        return;
      }
      switch (leaving.get()) {
        case Leaving.Held(var since) -> held(seen, since);
        case Leaving.Draining(var since, var revision) -> drain(seen, since, revision);
        case Leaving.Stopping(var since, var kills) -> {
          var grace = since.plusSeconds(grace(seen));
          when(grace.plus(KILL_AGAIN.multipliedBy(kills)), new Step.Kill(seen));
        }
      }
    }

    /// Nobody waits for what is being deleted.
    private long grace(Seen seen) {
      var grace = seen.labels().graceSeconds();
      return situation.wanted().deleted() ? Math.min(grace, KILL_AGAIN.toSeconds()) : grace;
    }

    private void leave(Seen seen) {
      var neverServed =
          seen.labels().port() == 0
              || situation
                  .memory()
                  .role(seen.container())
                  .filter(Role.CANDIDATE::equals)
                  .isPresent();
      if (situation.wanted().deleted() || neverServed) {
        steps.add(new Step.Terminate(seen));
      } else {
        steps.add(isHeld(situation, seen) ? new Step.Hold(seen) : new Step.Drain(seen));
      }
    }

    private void held(Seen seen, Instant since) {
      if (!isHeld(situation, seen)) {
        steps.add(new Step.Drain(seen));
      } else {
        when(since.plus(HOLD), new Step.Drain(seen));
      }
    }

    private void drain(Seen seen, Instant since, long revision) {
      var drained = revision != 0 && situation.votes().drained(seen.labels().instance(), revision);
      var mayEnd = drained || situation.wanted().deleted();
      when(mayEnd ? now : since.plus(DRAIN), new Step.Terminate(seen));
    }

    /// Now if it is time, otherwise look again then.
    private void when(Instant due, Step step) {
      if (due.isAfter(now)) {
        look(due);
      } else {
        steps.add(step);
      }
    }

    private void look(Instant at) {
      lookAgain = at.isBefore(lookAgain) ? at : lookAgain;
    }
  }

  /// By when a container that leaves has left its present stage, everything taking its longest.
  static Optional<Instant> goneBy(Seen seen, Memory memory) {
    if (seen.phase() instanceof Phase.Ended(_, var at, _, _)) {
      return Optional.of(at.plus(LAST_LINE).plus(SLACK));
    }
    return memory
        .leaving(seen.container())
        .map(
            how ->
                switch (how) {
                  case Leaving.Held(var since) -> since.plus(HOLD);
                  case Leaving.Draining(var since, _) -> since.plus(DRAIN);
                  case Leaving.Stopping(var since, _) ->
                      since.plusSeconds(seen.labels().graceSeconds()).plus(KILL_AGAIN);
                })
        .map(latest -> latest.plus(SLACK));
  }

  /// A rack that was away goes straight to the newest definition: what serves then stays until its
  /// successors of the same name are ready.
  static boolean isHeld(Situation situation, Seen seen) {
    if (situation.wanted().deleted() || seen.labels().port() == 0) {
      return false;
    }
    return situation.slots().values().stream()
        .filter(slot -> slot.role() == Role.CURRENT)
        .filter(slot -> slot.set().hostname().equals(seen.labels().hostname()))
        .filter(slot -> !slot.set().id().equals(seen.labels().set()))
        .anyMatch(slot -> !situation.isReady(slot.instance()));
  }
}
