package dev.widemesh.builder.registry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// In which order manifests go: whoever names others goes before them. After a crash in between
/// none names what is not there.
final class RemovalOrder {
  private RemovalOrder() {}

  /// Of all that go, with the manifests that each names. That no two name each other is in the
  /// nature of digests.
  static List<Digest> of(Map<Digest, List<Digest>> named) {
    var namers = new HashMap<Digest, Integer>();
    for (var parts : named.values()) {
      new HashSet<>(parts).forEach(part -> namers.merge(part, 1, Integer::sum));
    }
    var free = new ArrayDeque<Digest>();
    named.keySet().stream().filter(digest -> !namers.containsKey(digest)).forEach(free::add);
    var order = new ArrayList<Digest>();
    while (!free.isEmpty()) {
      var digest = free.remove();
      order.add(digest);
      for (var part : new HashSet<>(named.get(digest))) {
        if (namers.merge(part, -1, Integer::sum) == 0 && named.containsKey(part)) {
          free.add(part);
        }
      }
    }
    return order;
  }
}
