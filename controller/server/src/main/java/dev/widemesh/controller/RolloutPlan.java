package dev.widemesh.controller;

import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import dev.widemesh.model.Diagnosis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides, and only decides, what a deployment on a rack does next: no clock, no database.
final class RolloutPlan {
  static final Duration PATIENCE_MISPLACED = Duration.ofSeconds(10);

  private RolloutPlan() {}

  sealed interface Step {
    record Wait() implements Step {}

    /// Also wait: the `image` of `what` is not signed, and may be so soon. The builder is to look.
    record AwaitSignature(String what, String image) implements Step {}

    /// The release command succeeded: start the instances.
    record Prepare() implements Step {}

    /// Every new instance is ready: from here never back.
    record Commit() implements Step {}

    record Fail(Diagnosis diagnosis) implements Step {}
  }

  /// What is known of one deployment. `report` is there only if the rack knew of the deployment's
  /// present state when it wrote it; `misplaced` says since when an instance listens where nobody
  /// reaches it. `since` its present state began. `look` is what the builder found of its image,
  /// where a rack refused that as not signed.
  record Facts(
      Instant now,
      Instant since,
      Instant deadline,
      String rack,
      boolean connected,
      Optional<EnvironmentReport> report,
      Map<String, Instant> misplaced,
      Optional<SignatureLook> look) {
    boolean isLate() {
      return now.isAfter(deadline);
    }

    /// Whether an image that was refused as not signed may be so when the rack tries again.
    boolean mayBeSigned() {
      return look.map(this::mayBeSigned).orElse(true);
    }

    private boolean mayBeSigned(SignatureLook found) {
      return switch (found) {
        case SignatureLook.Asked(var at) -> now.isBefore(at.plus(StartRefusal.PATIENCE));
        // A refusal of before says nothing: the rack tries again.
        case SignatureLook.Signed(var at) -> now.isBefore(at.plus(StartRefusal.PATIENCE));
        case SignatureLook.Stuck(var from, _, _) -> now.isBefore(from.plus(StartRefusal.SIGNING));
        case SignatureLook.Unknown _ -> false;
      };
    }

    Duration waited() {
      return Duration.between(since, now);
    }

    private Optional<RackReport.Instance> instance(String id) {
      return report.stream()
          .flatMap(environment -> environment.instances().stream())
          .filter(instance -> instance.id().equals(id))
          .findFirst();
    }

    private Optional<RackReport.JobReport> job(String id) {
      return report.stream()
          .flatMap(environment -> environment.jobs().stream())
          .filter(job -> job.id().equals(id))
          .findFirst();
    }
  }

  static Step preparing(Facts facts, List<InstanceSet> candidates) {
    var ready = true;
    var unsigned = Optional.<Step>empty();
    for (var set : candidates) {
      for (var index = 1; index <= set.count(); index++) {
        var instance = facts.instance(set.instance(index));
        if (instance.filter(seen -> Diagnose.isUnsigned(set, seen)).isPresent()) {
          unsigned = Optional.of(new Step.AwaitSignature(set.service(), set.spec().image()));
        }
        ready &= instance.filter(Diagnose::isReady).isPresent();
        var hopeless = instance.flatMap(seen -> hopeless(facts, set, seen));
        if (hopeless.isPresent()) {
          return new Step.Fail(hopeless.get());
        }
      }
    }
    if (ready) {
      return new Step.Commit();
    }
    if (unsigned.isPresent()) {
      return unsigned.get();
    }
    return facts.isLate() ? new Step.Fail(late(facts, candidates)) : new Step.Wait();
  }

  private static Optional<Diagnosis> hopeless(
      Facts facts, InstanceSet set, RackReport.Instance instance) {
    if (Diagnose.isReady(instance)) {
      return Optional.empty();
    }
    var since = facts.misplaced().get(instance.id());
    var misplaced =
        since != null && !since.plus(PATIENCE_MISPLACED).isAfter(facts.now())
            ? Listening.misplaced(set, instance)
            : Optional.<Diagnosis>empty();
    return misplaced.or(() -> Diagnose.hopeless(set, instance, facts));
  }

  private static Diagnosis late(Facts facts, List<InstanceSet> candidates) {
    if (!facts.connected() || facts.report().isEmpty()) {
      return silentRack(facts);
    }
    for (var set : candidates) {
      for (var index = 1; index <= set.count(); index++) {
        var instance = facts.instance(set.instance(index));
        if (instance.isPresent() && !Diagnose.isReady(instance.get())) {
          return Diagnose.late(set, instance.get(), facts);
        }
      }
    }
    return new Diagnosis.TimedOut("starting the instances", facts.waited().toSeconds(), List.of());
  }

  private static Diagnosis silentRack(Facts facts) {
    return new Diagnosis.Platform(
        "the rack '%s' did not answer for %d s".formatted(facts.rack(), facts.waited().toSeconds()),
        List.of(),
        "look at ./widemesh status, then push again");
  }

  static Step releasing(Facts facts, String job, String command, InstanceSpec spec) {
    var report = facts.job(job);
    if (report.isPresent() && report.get().ended()) {
      return released(facts, report.get(), command, spec);
    }
    var refusal = report.filter(waiting -> waiting.message() != null).map(RolloutPlan::refusal);
    if (refusal.isPresent() && isHopeless(facts, refusal.get())) {
      return new Step.Fail(refusal.get().diagnosis(facts.look()));
    }
    if (refusal.filter(StartRefusal::isUnsigned).isPresent()) {
      return new Step.AwaitSignature("the release command", spec.image());
    }
    if (!facts.isLate()) {
      return new Step.Wait();
    }
    if (report.isEmpty()) {
      return new Step.Fail(silentRack(facts));
    }
    return new Step.Fail(
        new Diagnosis.TimedOut(
            "the release command", facts.waited().toSeconds(), report.get().lastLines()));
  }

  private static Step released(
      Facts facts, RackReport.JobReport job, String command, InstanceSpec spec) {
    if (job.outOfMemory()) {
      return new Step.Fail(
          new Diagnosis.OutOfMemory("release", spec.memoryBytes(), job.lastLines()));
    }
    var code = job.exitCode();
    if (code == null) {
      return new Step.Fail(refusal(job).diagnosis(facts.look()));
    }
    return switch (code) {
      case 0 -> new Step.Prepare();
      case 127 ->
          new Step.Fail(
              new Diagnosis.MissingCommand(
                  "release", Diagnose.missingCommand(spec, job.lastLines()), job.lastLines()));
      default -> new Step.Fail(new Diagnosis.ReleaseFailed(command, code, job.lastLines()));
    };
  }

  private static boolean isHopeless(Facts facts, StartRefusal refusal) {
    return refusal.isUnsigned()
        ? !facts.mayBeSigned()
        : refusal.isForGood() || facts.waited().compareTo(StartRefusal.PATIENCE) >= 0;
  }

  /// A job that did not end and has something to say was not let start.
  private static StartRefusal refusal(RackReport.JobReport job) {
    return StartRefusal.of("the release command", job.message(), job.lastLines());
  }
}
