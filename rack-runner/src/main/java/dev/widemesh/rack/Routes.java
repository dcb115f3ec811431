package dev.widemesh.rack;

import dev.widemesh.api.rack.RackMessage.Certificate;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.model.Failpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The one route table of this rack. Its revision only grows, across restarts too, and grows only
/// when something changed. It begins with the last stored table, so that an environment which could
/// not be looked at yet keeps its traffic.
final class Routes {
  private static final String NAME = "routes";
  private static final int REMEMBERED = 500;

  private final Vault vault;
  private final Map<String, RouteTable.Environment> environments = new TreeMap<>();

  /// Table revision → which definition of each environment it shows.
  private final TreeMap<Long, Map<String, Long>> shown = new TreeMap<>();

  private volatile RouteTable table;
  private volatile Consumer<RouteTable> listener = _ -> {};

  Routes(Vault vault) {
    this.vault = vault;
    this.table =
        vault
            .read(NAME, RouteTable.class)
            .orElseGet(() -> new RouteTable(System.currentTimeMillis(), List.of(), List.of()));
    table.environments().forEach(environment -> environments.put(environment.id(), environment));
    shown.put(table.revision(), Map.of());
  }

  void listen(Consumer<RouteTable> to) {
    listener = to;
  }

  RouteTable table() {
    return table;
  }

  /// The revision of the table that shows the environment as given.
  synchronized long show(
      String environment, long definition, Optional<RouteTable.Environment> now) {
    var before = Optional.ofNullable(environments.get(environment));
    if (!before.equals(now)) {
      now.ifPresentOrElse(
          shows -> environments.put(environment, shows), () -> environments.remove(environment));
      publish(table.revision() + 1, table.certificates());
    }
    var definitions = new TreeMap<>(shown.lastEntry().getValue());
    definitions.put(environment, definition);
    shown.put(table.revision(), definitions);
    return table.revision();
  }

  synchronized void certificates(List<Certificate> certificates) {
    if (!table.certificates().equals(certificates)) {
      publish(table.revision() + 1, certificates);
    }
  }

  /// A router knows a later table than we do: ours was lost. It must still take our next one.
  synchronized void overtake(long revision) {
    if (table.revision() < revision) {
      publish(revision + 1, table.certificates());
    }
  }

  private void publish(long revision, List<Certificate> certificates) {
    var next = new RouteTable(revision, List.copyOf(environments.values()), certificates);
    vault.write(NAME, next);
    Failpoint.TABLE_STORED.pass();
    shown.put(revision, shown.lastEntry().getValue());
    while (shown.size() > REMEMBERED) {
      shown.pollFirstEntry();
    }
    table = next;
    listener.accept(next);
  }

  /// The newest definition that the table of `revision` shows, 0 where that is not known.
  synchronized long definition(String environment, long revision) {
    var entry = shown.floorEntry(revision);
    return entry == null ? 0 : entry.getValue().getOrDefault(environment, 0L);
  }

  synchronized void forget(String environment) {
    var definitions = new TreeMap<>(shown.lastEntry().getValue());
    definitions.remove(environment);
    shown.put(table.revision(), definitions);
  }
}
