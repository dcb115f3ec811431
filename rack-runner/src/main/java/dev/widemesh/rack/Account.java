package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition.Job;
import dev.widemesh.api.rack.RackReport.Instance;
import dev.widemesh.api.rack.RackReport.JobReport;
import dev.widemesh.api.rack.RackReport.State;
import dev.widemesh.rack.Seen.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Says what was seen, as the controller wants to hear it. Remembers only since when a state holds.
/// Not thread-safe.
final class Account {
  private final Function<String, List<String>> lastLines;
  private final Map<String, Since> since = new HashMap<>();

  private record Since(State state, Instant at) {}

  /// What is going on for an instance that has no container yet.
  enum Activity {
    PULLING,
    STARTING
  }

  /// `lastLines` of a container.
  Account(Function<String, List<String>> lastLines) {
    this.lastLines = lastLines;
  }

  List<Instance> instances(
      Situation situation, Map<String, Activity> activities, Map<String, Usage> usages) {
    var reports = new ArrayList<Instance>();
    for (var slot : situation.slots().values()) {
      var filling = situation.filling(slot.instance());
      reports.add(
          filling.isPresent()
              ? wanted(situation, slot, filling.get(), usages)
              : missing(situation, slot, activities));
    }
    for (var seen : situation.surplus()) {
      if (!seen.labels().isJob() && seen.isRunning()) {
        reports.add(leaving(situation, seen, usages));
      }
    }
    var keys = reports.stream().map(report -> key(report.id(), report.container())).toList();
    since.keySet().retainAll(keys);
    return reports;
  }

  private static String key(String instance, @Nullable String container) {
    return instance + " " + container;
  }

  private Instant since(
      Situation situation, String instance, @Nullable String container, State state) {
    var key = key(instance, container);
    var before = since.get(key);
    if (before == null || before.state() != state) {
      before = new Since(state, situation.now());
      since.put(key, before);
    }
    return before.at();
  }

  private Instance missing(
      Situation situation, Situation.Slot slot, Map<String, Activity> activities) {
    var refusal = situation.memory().refusal(slot.instance());
    var pulling = activities.get(slot.instance()) == Account.Activity.PULLING;
    var state = refusal.isPresent() ? State.REFUSED : pulling ? State.PULLING : State.STARTING;
    return new Instance(
        slot.instance(),
        slot.set().id(),
        state,
        since(situation, slot.instance(), null, state),
        situation.ledger().starts(slot.instance()).total(),
        null,
        false,
        null,
        refusal.map(Memory.Refusal::message).orElse(null),
        null,
        null,
        List.of(),
        List.of(),
        0,
        0);
  }

  private Instance wanted(
      Situation situation, Situation.Slot slot, Seen seen, Map<String, Usage> usages) {
    return switch (seen.phase()) {
      case Phase.Created _ -> created(situation, slot, seen);
      case Phase.Running running -> running(situation, slot, seen, running, usages);
      case Phase.Ended ended -> crashed(situation, slot, seen, ended);
    };
  }

  private Instance created(Situation situation, Situation.Slot slot, Seen seen) {
    var refusal = situation.memory().refusal(slot.instance());
    var state = refusal.isPresent() ? State.REFUSED : State.STARTING;
    var message = refusal.map(Memory.Refusal::message).orElse(null);
    return report(situation, seen, state, message, Usage.NONE, List.of(), List.of());
  }

  private Instance running(
      Situation situation,
      Situation.Slot slot,
      Seen seen,
      Phase.Running running,
      Map<String, Usage> usages) {
    var usage = usages.getOrDefault(seen.container(), Usage.NONE);
    var health = situation.memory().health(seen.container());
    if (health.filter(Memory.Health::ready).isPresent()) {
      var why = lastEnd(situation, slot.instance());
      return report(situation, seen, State.READY, why, usage, List.of(), List.of());
    }
    var wasReady = health.filter(Memory.Health::wasReady).isPresent();
    var detail =
        health
            .map(Memory.Health::detail)
            .filter(text -> !text.isEmpty())
            .orElseGet(() -> lastEnd(situation, slot.instance()));
    return report(
        situation,
        seen,
        wasReady ? State.UNHEALTHY : State.STARTING,
        detail,
        usage,
        slot.set().spec().port() == 0 ? List.of() : ListeningSockets.of(running.pid()),
        lastLines.apply(seen.container()));
  }

  /// Why it was started again, as long as that counts against it.
  private @Nullable String lastEnd(Situation situation, String instance) {
    var forgiven = situation.ledger().starts(instance).restarts().isEmpty();
    var last = situation.ledger().end(instance).map(end -> "started again: " + end.why());
    return forgiven ? null : last.orElse(null);
  }

  private Instance crashed(Situation situation, Situation.Slot slot, Seen seen, Phase.Ended ended) {
    // Not that it crashed before it is known why, and not that it is ready: it is dead.
    if (!situation.isHeardOut(seen, ended.at())) {
      var why = lastEnd(situation, slot.instance());
      return report(situation, seen, State.STARTING, why, Usage.NONE, List.of(), List.of());
    }
    var lines = lastLines.apply(seen.container());
    var refusal = situation.memory().refusal(slot.instance());
    var why =
        situation
            .memory()
            .overfull(seen.container())
            .orElseGet(
                () ->
                    ExitMessage.of(
                        ended.exitCode(), ended.outOfMemory(), slot.set().spec(), lines));
    var ran = Duration.between(ended.since(), ended.at()).toMillis();
    var end = new Ledger.End(ended.exitCode(), ended.outOfMemory(), ran, why);
    situation.ledger().ended(slot.instance(), end);
    var message = refusal.map(Memory.Refusal::message).orElse(why);
    return report(situation, seen, State.CRASHED, message, Usage.NONE, List.of(), lines);
  }

  private Instance leaving(Situation situation, Seen seen, Map<String, Usage> usages) {
    var stopping = situation.leaving(seen).filter(Leaving.Stopping.class::isInstance).isPresent();
    return report(
        situation,
        seen,
        stopping ? State.STOPPING : State.DRAINING,
        null,
        usages.getOrDefault(seen.container(), Usage.NONE),
        List.of(),
        List.of());
  }

  private Instance report(
      Situation situation,
      Seen seen,
      State state,
      @Nullable String message,
      Usage usage,
      List<String> listening,
      List<String> lines) {
    var labels = seen.labels();
    var end = situation.ledger().end(labels.instance());
    return new Instance(
        labels.instance(),
        labels.set(),
        state,
        since(situation, labels.instance(), seen.container(), state),
        situation.ledger().starts(labels.instance()).total(),
        end.map(Ledger.End::exitCode).orElse(null),
        end.filter(Ledger.End::outOfMemory).isPresent(),
        end.map(Ledger.End::ranMillis).orElse(null),
        message,
        seen.container(),
        seen.address(),
        listening,
        lines,
        usage.memoryBytes(),
        usage.cpus());
  }

  List<JobReport> jobs(Situation situation) {
    return situation.wanted().deleted()
        ? List.of()
        : situation.wanted().jobs().stream().map(job -> report(situation, job)).toList();
  }

  private JobReport report(Situation situation, Job job) {
    var running = situation.running(job);
    if (running.isEmpty()) {
      var vanished = situation.ledger().began(job.id());
      var refusal = situation.memory().refusal(job.id()).map(Memory.Refusal::message);
      var message =
          vanished ? "its container vanished; it does not run twice" : refusal.orElse(null);
      return new JobReport(job.id(), vanished, null, false, message, List.of());
    }
    var lines = lastLines.apply(running.get().container());
    return switch (running.get().phase()) {
      case Phase.Ended ended when situation.isHeardOut(running.get(), ended.at()) -> {
        var message =
            ended.exitCode() == 0
                ? null
                : ExitMessage.of(ended.exitCode(), ended.outOfMemory(), job.spec(), lines);
        yield new JobReport(job.id(), true, ended.exitCode(), ended.outOfMemory(), message, lines);
      }
      case Phase.Ended _, Phase.Created _, Phase.Running _ ->
          new JobReport(job.id(), false, null, false, null, lines);
    };
  }
}
