package dev.widemesh.router;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// The less loaded of two random ready instances: nearly as even as looking at all of them, without
/// everybody running to the same one.
final class Picker {
  private Picker() {}

  /// The one that was picked has been entered.
  static Optional<Upstream> pick(List<Upstream> current, Set<Upstream> tried) {
    var ready = new ArrayList<Upstream>(current.size());
    for (var upstream : current) {
      if (upstream.ready() && !tried.contains(upstream)) {
        ready.add(upstream);
      }
    }
    while (!ready.isEmpty()) {
      var chosen = lessLoaded(ready);
      if (chosen.enter()) {
        return Optional.of(chosen);
      }
      ready.remove(chosen);
    }
    return Optional.empty();
  }

  private static Upstream lessLoaded(List<Upstream> ready) {
    if (ready.size() == 1) {
      return ready.getFirst();
    }
    var random = ThreadLocalRandom.current();
    var first = random.nextInt(ready.size());
    var second = (first + 1 + random.nextInt(ready.size() - 1)) % ready.size();
    var one = ready.get(first);
    var other = ready.get(second);
    return one.inFlight() <= other.inFlight() ? one : other;
  }
}
