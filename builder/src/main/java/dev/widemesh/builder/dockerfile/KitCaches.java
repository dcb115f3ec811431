package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.Amount;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What BuildKit keeps for each stack, never for two: its state (steps, cache mounts), and the base
/// images that it was given.
final class KitCaches {
  private static final Logger log = LoggerFactory.getLogger(KitCaches.class);

  /// All stacks' together.
  private static final long MOST_BYTES = 20_000_000_000L;

  private record Place(Path folder, Amount amount, long used) {}

  private final Path folder;

  KitCaches(Path folder) {
    this.folder = folder;
  }

  /// Does this while no cache is taken away.
  synchronized void alone(Runnable step) {
    step.run();
  }

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

  /// Drops the state of a stack where it is larger than that, or cannot be counted.
  void bound(String stack, long mostBytes) throws IOException {
    if (Files.exists(state(stack))) {
      var amount = Amount.of(List.of(state(stack)));
      if (amount.deep() || amount.bytes() > mostBytes) {
        log.info("dropping BuildKit's state of {}, which was not cut down", stack);
        WorkFolders.delete(state(stack));
      }
    }
  }

  /// Drops those of other stacks and those that nest too deep to be counted, and while all together
  /// are too large those that were not used for longest; never one that is `busy`, which is asked
  /// again at the last moment.
  void keepOnly(Set<String> stacks, Predicate<String> busy) throws IOException {
    keepOnly(stacks, busy, MOST_BYTES);
  }

  void keepOnly(Set<String> stacks, Predicate<String> busy, long mostBytes) throws IOException {
    var left = new ArrayList<Place>();
    for (var place : places()) {
      var stays = stacks.contains(stack(place)) && !place.amount().deep();
      if (stays || !dropped(place, busy)) {
        left.add(place);
      }
    }
    left.sort(Comparator.comparingLong(Place::used));
    var sum = left.stream().mapToLong(place -> place.amount().bytes()).sum();
    for (var place : left) {
      if (sum > mostBytes && dropped(place, busy)) {
        log.info("dropped BuildKit's cache {}", place.folder());
        sum -= place.amount().bytes();
      }
    }
  }

  private boolean dropped(Place place, Predicate<String> busy) throws IOException {
    var aside = aside(place, busy);
    if (aside.isPresent()) {
      WorkFolders.delete(aside.get());
    }
    return aside.isPresent();
  }

  /// A build that begins from now on begins with nothing.
  private synchronized Optional<Path> aside(Place place, Predicate<String> busy)
      throws IOException {
    if (busy.test(stack(place))) {
      return Optional.empty();
    }
    var aside = folder.resolve("dropped-" + UUID.randomUUID());
    return Optional.of(Files.move(place.folder(), aside, StandardCopyOption.ATOMIC_MOVE));
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
        found.add(new Place(entry, Amount.of(List.of(entry)), used));
      }
    }
    return found;
  }
}
