package dev.widemesh.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which environment has which part of the pool. A deleted environment's part is given away again
/// only after every live router acknowledged a table without it.
final class Subnets {
  private static final String NAME = "subnets";

  private final Vault vault;
  private final Subnet pool;
  private final Map<String, String> taken;
  private final Map<String, Long> leaving;

  Subnets(Vault vault, String pool) {
    this.vault = vault;
    this.pool = Subnet.parse(pool);
    var stored = vault.read(NAME, Stored.class).orElse(new Stored(Map.of(), Map.of()));
    this.taken = new HashMap<>(stored.taken());
    this.leaving = new HashMap<>(stored.leaving());
  }

  /// `leaving`: subnet → the first revision of the route table without it.
  record Stored(Map<String, String> taken, Map<String, Long> leaving) {}

  synchronized Optional<Subnet> of(String environment) {
    return Optional.ofNullable(taken.get(environment)).map(Subnet::parse);
  }

  /// Those that have one.
  synchronized List<String> environments() {
    return List.copyOf(taken.keySet());
  }

  /// Keeps what it has, or takes the first part that no route and no other network uses.
  synchronized Subnet take(String environment, List<Subnet> used, RouterVotes votes) {
    var before = of(environment);
    if (before.isPresent()) {
      return before.get();
    }
    leaving.values().removeIf(votes::applied);
    var subnet =
        pool.cut().stream()
            .filter(candidate -> isFree(candidate, used))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no free network left in the pool "
                            + pool
                            + "; give the rack a larger one"));
    remember(environment, subnet);
    return subnet;
  }

  synchronized void remember(String environment, Subnet subnet) {
    if (!subnet.toString().equals(taken.put(environment, subnet.toString()))) {
      save();
    }
  }

  private boolean isFree(Subnet candidate, List<Subnet> used) {
    return !taken.containsValue(candidate.toString())
        && !leaving.containsKey(candidate.toString())
        && used.stream().noneMatch(candidate::overlaps)
        && routes().stream().noneMatch(candidate::overlaps);
  }

  /// `revision` 0 where no table ever had it.
  synchronized void leave(String environment, long revision) {
    var subnet = taken.remove(environment);
    if (subnet != null) {
      if (revision != 0) {
        leaving.put(subnet, revision);
      }
      save();
    }
  }

  private void save() {
    vault.write(NAME, new Stored(Map.copyOf(taken), Map.copyOf(leaving)));
  }

  /// The host's own routes, but for the default one.
  private static List<Subnet> routes() {
    var routes = new ArrayList<Subnet>();
    try {
      for (var line : Files.readAllLines(Path.of("/proc/net/route")).stream().skip(1).toList()) {
        var fields = line.strip().split("\\s+", -1);
        var mask = Long.bitCount(Long.parseLong(fields[7], 16));
        if (mask > 0) {
          var turned = Integer.reverseBytes((int) Long.parseLong(fields[1], 16));
          routes.add(new Subnet(turned & 0xffffffffL, mask));
        }
      }
      return routes;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the host's routes", e);
    }
  }
}
