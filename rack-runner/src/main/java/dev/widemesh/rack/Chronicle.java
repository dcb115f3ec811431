package dev.widemesh.rack;

import dev.widemesh.api.rack.RackReport.Instance;
import dev.widemesh.api.rack.RackReport.State;
import dev.widemesh.model.Strain;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Writes what happens to instances between their own lines. Not thread-safe.
final class Chronicle {
  private final LogStore logs;
  private final InstantSource clock;
  private Map<String, State> before = Map.of();
  private final Set<String> killed = new HashSet<>();

  Chronicle(LogStore logs, InstantSource clock) {
    this.logs = logs;
    this.clock = clock;
  }

  void note(List<Instance> instances, Situation situation) {
    var seen = situation.seen();
    killed.retainAll(situation.containers());
    seen.forEach(one -> noteKill(one, situation));
    var now = new HashMap<String, State>();
    var labels = new HashMap<String, Labels>();
    seen.forEach(one -> labels.put(one.container(), one.labels()));
    for (var instance : instances) {
      var container = instance.container();
      if (container == null) {
        continue;
      }
      now.put(container, instance.state());
      var of = labels.get(container);
      if (of != null && before.get(container) != instance.state()) {
        words(instance)
            .ifPresent(text -> logs.append(LogRecord.platform(of, clock.instant(), text)));
      }
    }
    before = now;
  }

  private void noteKill(Seen one, Situation situation) {
    var late =
        situation.leaving(one).orElse(null) instanceof Leaving.Stopping(_, var kills) && kills > 0;
    if (late && killed.add(one.container())) {
      say(one.labels(), "did not stop in time: killed (SIGKILL)");
    }
  }

  /// What the kernel refused it since the last look.
  void note(Seen one, Strain more) {
    if (more.kills() > 0) {
      say(
          one.labels(),
          "out of memory: the kernel killed %d of its programs".formatted(more.kills()));
    }
    if (more.refusedProcesses() > 0) {
      var words = "too many processes: %,d more were refused".formatted(more.refusedProcesses());
      say(one.labels(), words);
    }
  }

  private void say(Labels labels, String text) {
    logs.append(LogRecord.platform(labels, clock.instant(), text));
  }

  private Optional<String> words(Instance instance) {
    var known = before.containsKey(String.valueOf(instance.container()));
    return switch (instance.state()) {
      case CRASHED -> Optional.of("crashed: " + instance.message());
      case UNHEALTHY -> Optional.of("not healthy any more: " + instance.message());
      case READY -> known ? Optional.of("ready") : Optional.empty();
      case DRAINING -> known ? Optional.of("finishes its last requests") : Optional.empty();
      case STOPPING -> known ? Optional.of("was told to stop (SIGTERM)") : Optional.empty();
      case PULLING, STARTING, REFUSED -> Optional.empty();
    };
  }
}
