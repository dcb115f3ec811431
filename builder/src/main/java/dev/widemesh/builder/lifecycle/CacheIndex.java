package dev.widemesh.builder.lifecycle;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What counts of a stack's cache. `stores` holds what each buildpack put into its store.toml, and
/// `disk` is what its layers took of the disk when they were kept, a file with names in several of
/// them counted once; not where an earlier release kept them.
record CacheIndex(
    List<KeptLayer> layers, Map<String, Map<String, Object>> stores, @Nullable Long disk) {
  static final CacheIndex EMPTY = new CacheIndex(List.of(), Map.of());

  /// Bytes of one stack, whoever said so: they are copied before anybody knows whether the push can
  /// be built. The rest comes as links.
  private static final long MOST_COPIED = 256_000_000;

  CacheIndex {
    layers = List.copyOf(layers);
    stores = Map.copyOf(stores);
  }

  CacheIndex(List<KeptLayer> layers, Map<String, Map<String, Object>> stores) {
    this(layers, stores, null);
  }

  /// Of the layers, on the disk; at most that, where some went since they were kept.
  long bytes() {
    var all = layers.stream().mapToLong(KeptLayer::bytes).sum();
    return disk == null ? all : Math.min(disk, all);
  }

  Optional<KeptLayer> find(String buildpack, String layer) {
    return layers.stream().filter(kept -> kept.is(buildpack, layer)).findFirst();
  }

  /// The names of all that belongs to them in the cache's folder.
  Set<String> names() {
    return layers.stream()
        .flatMap(kept -> Stream.concat(Stream.of(kept.folder()), kept.bills().values().stream()))
        .collect(Collectors.toSet());
  }

  /// Those that a build gets as files of its own.
  Set<KeptLayer> copied() {
    var copied = new HashSet<KeptLayer>();
    var bytes = 0L;
    for (var kept : layers) {
      if (kept.isWrittenInPlace() && bytes + kept.bytes() <= MOST_COPIED) {
        bytes += kept.bytes();
        copied.add(kept);
      }
    }
    return copied;
  }

  /// Without those of the layers that a build had as links that are `altered`.
  CacheIndex without(Predicate<KeptLayer> altered) {
    var copied = copied();
    var left =
        layers.stream()
            .filter(
                kept ->
                    kept.toNextBuild() != KeptLayer.Given.ALL
                        || copied.contains(kept)
                        || !altered.test(kept))
            .toList();
    return new CacheIndex(left, stores, disk);
  }
}
