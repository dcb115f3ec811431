package dev.widemesh.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One change of the app: how long until the new version answered, and what the platform says of
/// its phases.
record Timing(String what, long millis, Map<String, Long> phases) {
  Timing {
    phases = Map.copyOf(phases);
  }

  /// Medians of the phases as shares of the median of the whole; the rest is transport.
  static String shares(List<Timing> same) {
    var total = Bench.median(same.stream().map(Timing::millis).toList());
    var names = new TreeMap<String, Long>();
    for (var name : same.stream().flatMap(t -> t.phases.keySet().stream()).distinct().toList()) {
      names.put(
          name, Bench.median(same.stream().map(t -> t.phases.getOrDefault(name, 0L)).toList()));
    }
    var known = names.values().stream().mapToLong(Long::longValue).sum();
    names.put("rest", Math.max(0, total - known));
    return names.entrySet().stream()
        .filter(phase -> phase.getValue() > 0)
        .map(p -> "%s %d ms (%d%%)".formatted(p.getKey(), p.getValue(), 100 * p.getValue() / total))
        .collect(Collectors.joining(", "));
  }
}
