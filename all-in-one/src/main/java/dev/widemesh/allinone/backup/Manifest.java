package dev.widemesh.allinone.backup;

import dev.widemesh.controller.DatabaseCopy;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What a backup holds. `options` are those of `up` that the platform ran with and that are not the
/// usual ones: for people to read. `lacking` names what should be in it and was nowhere.
public record Manifest(
    Instant made,
    DatabaseCopy database,
    int environments,
    int stacks,
    int images,
    Map<String, String> options,
    List<String> lacking,
    List<Part> parts) {
  public Manifest {
    options = Map.copyOf(options);
    lacking = List.copyOf(lacking);
    parts = List.copyOf(parts);
  }

  /// One file in it.
  public record Part(String name, long bytes, String sha256) {}

  public long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }
}
