package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.Amount;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What BuildKit keeps for each stack, never for two: its state (steps, cache mounts), and the base
/// images that it was given.
record KitCaches(Path folder) {
  private static final Logger log = LoggerFactory.getLogger(KitCaches.class);

  /// All stacks' together.
  private static final long MOST_BYTES = 20_000_000_000L;

  private record Place(Path folder, long bytes, long used) {}

  Path state(String stack) {
    return of(stack).resolve("state");
  }

  Path bases(String stack) {
    return of(stack).resolve("bases");
  }

  private Path of(String stack) {
    return folder.resolve(stack);
  }

  /// It was used just now, so it goes last.
  void touch(String stack) throws IOException {
    if (Files.exists(of(stack))) {
      Files.setLastModifiedTime(of(stack), FileTime.from(Instant.now()));
    }
  }

  void drop(String stack) throws IOException {
    WorkFolders.delete(of(stack));
  }

  /// Drops those of other stacks, and while all together are too large those that were not used for
  /// longest; never one of these that are `busy`.
  void keepOnly(Set<String> stacks, Set<String> busy) throws IOException {
    var left = new ArrayList<Place>();
    for (var place : places()) {
      var stack = stack(place);
      if (stacks.contains(stack) || busy.contains(stack)) {
        left.add(place);
      } else {
        drop(stack);
      }
    }
    left.sort(Comparator.comparingLong(Place::used));
    var sum = left.stream().mapToLong(Place::bytes).sum();
    for (var place : left) {
      if (sum > MOST_BYTES && !busy.contains(stack(place))) {
        log.info("dropping BuildKit's cache {} ({} MB)", place.folder(), place.bytes() / 1_000_000);
        drop(stack(place));
        sum -= place.bytes();
      }
    }
  }

  private static String stack(Place place) {
    return String.valueOf(place.folder().getFileName());
  }

  private List<Place> places() throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    var found = new ArrayList<Place>();
    try (var entries = Files.list(folder)) {
      for (var entry : entries.toList()) {
        var used = Files.getLastModifiedTime(entry).toMillis();
        found.add(new Place(entry, Amount.of(List.of(entry)).bytes(), used));
      }
    }
    return found;
  }
}
