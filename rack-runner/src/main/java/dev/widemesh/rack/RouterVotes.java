package dev.widemesh.rack;

import dev.widemesh.api.rack.RouterReport;
import java.time.Instant;
import java.util.List;

/// What the live routers say, at one moment. Where none lives, nothing is agreed.
record RouterVotes(List<Vote> live) {
  static final RouterVotes NONE = new RouterVotes(List.of());

  record Vote(RouterReport report, Instant at) {}

  /// `detail` says what is missing, and is empty when ready.
  record Verdict(boolean ready, String detail) {
    static final Verdict READY = new Verdict(true, "");

    static Verdict not(String detail) {
      return new Verdict(false, detail);
    }
  }

  RouterVotes {
    live = List.copyOf(live);
  }

  boolean applied(long revision) {
    return !live.isEmpty() && live.stream().allMatch(vote -> vote.report().applied() >= revision);
  }

  /// The revision that all of them route by.
  long applied() {
    return live.stream().mapToLong(vote -> vote.report().applied()).min().orElse(0);
  }

  /// In the table of `revision` or a later one the instance is to drain, and has.
  boolean drained(String instance, long revision) {
    return applied(revision)
        && live.stream().allMatch(vote -> vote.report().drained().contains(instance));
  }

  /// Only what was probed after the instance started counts.
  Verdict ready(String instance, Instant started) {
    if (live.isEmpty()) {
      return Verdict.not("no router");
    }
    for (var vote : live) {
      var verdict = verdict(vote, instance, started);
      if (!verdict.ready()) {
        return verdict;
      }
    }
    return Verdict.READY;
  }

  private static Verdict verdict(Vote vote, String instance, Instant started) {
    if (vote.at().isBefore(started)) {
      return Verdict.not("not probed yet");
    }
    return vote.report().probes().stream()
        .filter(probe -> probe.instance().equals(instance))
        .findFirst()
        .map(probe -> new Verdict(probe.ready(), probe.ready() ? "" : probe.detail()))
        .orElse(Verdict.not("not probed yet"));
  }
}
