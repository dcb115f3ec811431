package dev.widemesh.api.rack;

import java.util.List;

/// Posted by a router to the rack-runner (`POST /reports`) at every change, and every two seconds:
/// one silent for ten has no vote. `applied` is the revision of the table it routes by; `drained`
/// lists every instance with role DRAINING in that table that has nothing in flight any more.
public record RouterReport(String router, long applied, List<Probe> probes, List<String> drained) {
  /// `detail`: what came instead (`connection refused`, `302`), empty when ready.
  public record Probe(String instance, boolean ready, String detail) {}
}
