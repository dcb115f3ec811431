package dev.widemesh.controller;

import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackReport.State;
import dev.widemesh.model.Diagnosis;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads from a rack's report why an instance does not get ready. Pure.
final class Diagnose {
  private static final int CRASHES = 3;
  private static final int CANNOT_EXECUTE = 126;
  private static final int NOT_FOUND = 127;
  private static final Pattern SHELL_NOT_FOUND =
      Pattern.compile("sh: (?:line )?(?:\\d+: )?(?:exec: )?([^:]+): (?:command )?not found");

  private Diagnose() {}

  /// What waiting longer cannot mend.
  static Optional<Diagnosis> hopeless(
      InstanceSet set, RackReport.Instance instance, RolloutPlan.Facts facts) {
    if (instance.outOfMemory() && !isReady(instance)) {
      return Optional.of(outOfMemory(set, instance));
    }
    if (instance.state() == State.REFUSED) {
      return refusedForGood(set, instance, facts);
    }
    var crashes = instance.restarts() + (instance.state() == State.CRASHED ? 1 : 0);
    var code = instance.exitCode();
    if (crashes == 0 || code == null) {
      return Optional.empty();
    }
    return switch (code) {
      case NOT_FOUND -> Optional.of(missing(set, instance));
      case CANNOT_EXECUTE -> Optional.of(notExecutable(set, instance));
      default -> crashes >= CRASHES ? Optional.of(crashed(set, instance)) : Optional.empty();
    };
  }

  static boolean isReady(RackReport.Instance instance) {
    return instance.state() == State.READY;
  }

  private static Optional<Diagnosis> refusedForGood(
      InstanceSet set, RackReport.Instance instance, RolloutPlan.Facts facts) {
    var refusal = refusal(set, instance);
    if (refusal.isUnsigned()) {
      return facts.mayBeSigned() ? Optional.empty() : Optional.of(refusal.diagnosis(facts.look()));
    }
    var patient = instance.since().plus(StartRefusal.PATIENCE);
    if (refusal.isForGood() || !patient.isAfter(facts.now())) {
      return Optional.of(refusal.diagnosis(facts.look()));
    }
    return refusal.isOfImage() ? Optional.empty() : neverStarts(set, instance);
  }

  /// Its image has no signature, or none yet.
  static boolean isUnsigned(InstanceSet set, RackReport.Instance instance) {
    return instance.state() == State.REFUSED && refusal(set, instance).isUnsigned();
  }

  private static StartRefusal refusal(InstanceSet set, RackReport.Instance instance) {
    return StartRefusal.of(set.service(), instance.message(), instance.lastLines());
  }

  private static Optional<Diagnosis> neverStarts(InstanceSet set, RackReport.Instance instance) {
    var message = words(instance).toLowerCase(Locale.ROOT);
    if (message.contains("exec format") || message.contains("permission denied")) {
      return Optional.of(notExecutable(set, instance));
    }
    if (message.contains("no such file") || message.contains("executable file not found")) {
      return Optional.of(missing(set, instance));
    }
    return Optional.empty();
  }

  private static String words(RackReport.Instance instance) {
    var message = instance.message();
    return message == null ? "" : message;
  }

  private static Diagnosis outOfMemory(InstanceSet set, RackReport.Instance instance) {
    return new Diagnosis.OutOfMemory(set.service(), set.spec().memoryBytes(), instance.lastLines());
  }

  private static Diagnosis missing(InstanceSet set, RackReport.Instance instance) {
    return new Diagnosis.MissingCommand(
        set.service(), missingCommand(set.spec(), instance.lastLines()), evidence(instance));
  }

  private static Diagnosis notExecutable(InstanceSet set, RackReport.Instance instance) {
    return new Diagnosis.NotExecutable(set.service(), firstWord(set.spec()), evidence(instance));
  }

  private static Diagnosis crashed(InstanceSet set, RackReport.Instance instance) {
    var code = instance.exitCode();
    var times = Math.max(1, instance.restarts() + (instance.state() == State.CRASHED ? 1 : 0));
    var ran = instance.ranMillis();
    return new Diagnosis.Crashed(
        set.service(),
        code == null ? -1 : code,
        ran == null ? "" : Diagnosis.Crashed.after(Duration.ofMillis(ran)),
        times,
        evidence(instance));
  }

  private static List<String> evidence(RackReport.Instance instance) {
    return instance.lastLines().isEmpty() && !words(instance).isEmpty()
        ? List.of(words(instance))
        : instance.lastLines();
  }

  /// What the shell said it did not find, else the first word of the command.
  static String missingCommand(InstanceSpec spec, List<String> lastLines) {
    for (var line : lastLines.reversed()) {
      var found = SHELL_NOT_FOUND.matcher(line);
      if (found.find()) {
        return found.group(1);
      }
    }
    return firstWord(spec);
  }

  private static String firstWord(InstanceSpec spec) {
    if (spec.command().isEmpty()) {
      return "(none)";
    }
    var shell = spec.command().lastIndexOf("-c");
    var line =
        shell > 0
            ? spec.command().getLast()
            : spec.command().get(Math.min(1, spec.command().size() - 1));
    var words = line.strip().split("\\s+", 2);
    return words[0].isEmpty() ? line : words[0];
  }

  /// The best word for an instance that did not get ready in all the time there was.
  static Diagnosis late(InstanceSet set, RackReport.Instance instance, RolloutPlan.Facts facts) {
    var waited = facts.waited();
    var misplaced = Listening.misplaced(set, instance);
    if (misplaced.isPresent()) {
      return misplaced.get();
    }
    return switch (instance.state()) {
      case CRASHED -> crashed(set, instance);
      case REFUSED -> refusal(set, instance).diagnosis(facts.look());
      case PULLING ->
          new Diagnosis.Platform(
              "the image of " + set.service() + " did not arrive in " + waited.toSeconds() + " s",
              evidence(instance),
              "look at the registry and the server's disk, then push again");
      case STARTING, UNHEALTHY, READY, DRAINING, STOPPING -> notReady(set, instance, waited);
    };
  }

  private static Diagnosis notReady(
      InstanceSet set, RackReport.Instance instance, Duration waited) {
    if (instance.restarts() > 0) {
      return crashed(set, instance);
    }
    var readiness = set.spec().readiness();
    return switch (readiness.kind()) {
      case HTTP ->
          Listening.reaches(set, instance)
              ? unhealthy(set, instance)
              : silent(set, instance, waited);
      case PORT ->
          Listening.reaches(set, instance)
              ? new Diagnosis.Platform(
                  set.service() + " listens, but the router does not reach it",
                  evidence(instance),
                  "look at ./widemesh status, then push again")
              : silent(set, instance, waited);
      case ALIVE ->
          new Diagnosis.TimedOut(
              "starting " + set.service(), waited.toSeconds(), evidence(instance));
    };
  }

  private static Diagnosis unhealthy(InstanceSet set, RackReport.Instance instance) {
    var path = set.spec().readiness().path();
    var answer = words(instance).isEmpty() ? "no answer" : words(instance);
    return new Diagnosis.Unhealthy(
        set.service(), path == null ? "/" : path, answer, instance.lastLines());
  }

  private static Diagnosis silent(InstanceSet set, RackReport.Instance instance, Duration waited) {
    return new Diagnosis.NeverListened(
        set.service(), set.spec().port(), waited.toSeconds(), instance.lastLines());
  }
}
