package dev.widemesh.router;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What listens inside the environments, kept as the table says. Used on one event loop.
final class InsideListeners {
  /// What an environment needs at an address.
  private record Place(String environment, String address) {}

  private final Function<Routing.Inside, List<Binding>> make;
  private final Map<Place, List<Binding>> bound = new HashMap<>();

  InsideListeners(Function<Routing.Inside, List<Binding>> make) {
    this.make = make;
  }

  void reconcile(Routing routing) {
    var wanted = new HashMap<Place, Routing.Inside>();
    routing
        .environments()
        .values()
        .forEach(inside -> wanted.put(new Place(inside.id(), inside.address()), inside));
    bound
        .entrySet()
        .removeIf(
            entry -> {
              var gone = !wanted.containsKey(entry.getKey());
              if (gone) {
                close(entry.getValue());
              }
              return gone;
            });
    wanted.forEach(
        (place, inside) -> {
          if (!bound.containsKey(place)) {
            var bindings = make.apply(inside);
            bound.put(place, bindings);
            bindings.forEach(Binding::start);
          }
        });
  }

  Future<Void> close() {
    var all = new ArrayList<Binding>();
    bound.values().forEach(all::addAll);
    bound.clear();
    return close(all);
  }

  private static Future<Void> close(List<Binding> bindings) {
    return Future.join(bindings.stream().map(Binding::close).toList()).mapEmpty();
  }
}
