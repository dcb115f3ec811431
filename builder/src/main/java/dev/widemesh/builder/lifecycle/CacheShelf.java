package dev.widemesh.builder.lifecycle;

import dev.widemesh.api.OutputLine.Draft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The caches of all stacks. When they grow too large together, those go that were not used for
/// longest, never one in use: it is waited for, and none that was used later goes in its place.
final class CacheShelf {
  private static final Logger log = LoggerFactory.getLogger(CacheShelf.class);
  private static final String DROPPED = ".dropped-";

  /// Longer than it takes to clear a build away, mostly.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private record Place(Path folder, long bytes, long used) {
    String stack() {
      return String.valueOf(folder.getFileName());
    }
  }

  private final Path folder;
  private final long mostBytes;
  private final Map<String, Integer> users = new HashMap<>();
  private final ReentrantLock trimming = new ReentrantLock();

  CacheShelf(Path folder, long mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  synchronized LayerCache take(String stack) {
    users.merge(stack, 1, Integer::sum);
    return new LayerCache(folder.resolve(stack));
  }

  /// For one of those that took it, until it is the only one, or for some seconds: while a build's
  /// folders are cleared away, its files and the cache's, which are the same, seem to change.
  synchronized void awaitOthers(String stack) throws InterruptedException {
    var end = System.nanoTime() + PATIENCE.toNanos();
    for (var left = PATIENCE.toMillis();
        left > 0 && users.getOrDefault(stack, 0) > 1;
        left = (end - System.nanoTime()) / 1_000_000) {
      wait(left);
    }
  }

  void giveBack(String stack) {
    release(stack);
    trimming.lock();
    try {
      trim();
    } catch (IOException e) {
      log.warn("the build caches in {} cannot be bounded: {}", folder, e.toString());
    } finally {
      trimming.unlock();
    }
  }

  private synchronized void release(String stack) {
    users.computeIfPresent(stack, (_, count) -> count > 1 ? count - 1 : null);
    notifyAll();
  }

  /// Whether one stack may keep so much.
  boolean holds(long bytes) {
    return bytes <= mostBytes;
  }

  /// What the output says of a stack that may not.
  Draft refusal(long bytes) {
    return Draft.detail(
        "Nothing kept for the next build: %,d MB are more than all stacks may keep (%,d MB)"
            .formatted(bytes / 1_000_000, mostBytes / 1_000_000));
  }

  private void trim() throws IOException {
    removeDropped();
    var places = new ArrayList<>(places());
    places.sort(Comparator.comparingLong(Place::used));
    var sum = places.stream().mapToLong(Place::bytes).sum();
    for (var place : places) {
      if (sum <= mostBytes || !isDropped(place)) {
        break; // whoever uses it comes here afterwards
      }
      log.info("dropping the build cache {} ({} MB)", place.folder(), place.bytes() / 1_000_000);
      sum -= place.bytes();
    }
    removeDropped();
  }

  /// Out of the way of whoever takes it next. False where it is in use.
  private synchronized boolean isDropped(Place place) throws IOException {
    if (users.containsKey(place.stack()) || !Files.exists(place.folder())) {
      return false;
    }
    var aside = folder.resolve(DROPPED + UUID.randomUUID());
    Files.move(place.folder(), aside, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  private List<Path> entries() throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private static boolean wasDropped(Path entry) {
    return String.valueOf(entry.getFileName()).startsWith(DROPPED);
  }

  private void removeDropped() throws IOException {
    for (var entry : entries()) {
      if (wasDropped(entry)) {
        WorkFolders.delete(entry);
      }
    }
  }

  private List<Place> places() throws IOException {
    var found = new ArrayList<Place>();
    for (var entry : entries()) {
      if (!wasDropped(entry)) {
        var used = Files.getLastModifiedTime(entry).toMillis();
        found.add(new Place(entry, new LayerCache(entry).index().bytes(), used));
      }
    }
    return found;
  }
}
