package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The caches of all stacks. When they grow too large together, those go that were not used for
/// longest, never one in use.
final class CacheShelf {
  private static final Logger log = LoggerFactory.getLogger(CacheShelf.class);

  private record Place(Path folder, long bytes, long used) {}

  private final Path folder;
  private final long mostBytes;
  private final Set<String> inUse = ConcurrentHashMap.newKeySet();

  CacheShelf(Path folder, long mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  LayerCache take(String stack) {
    inUse.add(stack);
    return new LayerCache(folder.resolve(stack));
  }

  void giveBack(String stack) {
    inUse.remove(stack);
  }

  synchronized void trim() throws IOException {
    var places = new ArrayList<>(places());
    places.sort(Comparator.comparingLong(Place::used));
    var sum = places.stream().mapToLong(Place::bytes).sum();
    for (var place : places) {
      if (sum <= mostBytes) {
        return;
      }
      if (!inUse.contains(String.valueOf(place.folder().getFileName()))) {
        log.info("dropping the build cache {} ({} MB)", place.folder(), place.bytes() / 1_000_000);
        WorkFolders.delete(place.folder());
        sum -= place.bytes();
      }
    }
  }

  private List<Place> places() throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    var found = new ArrayList<Place>();
    try (var entries = Files.list(folder)) {
      for (var entry : entries.toList()) {
        var used = Files.getLastModifiedTime(entry).toMillis();
        found.add(new Place(entry, new LayerCache(entry).index().bytes(), used));
      }
    }
    return found;
  }
}
