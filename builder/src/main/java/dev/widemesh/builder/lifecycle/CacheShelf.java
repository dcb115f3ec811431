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
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The caches of all stacks. When they grow too large together, those go that were not used for
/// longest, never one in use: it is waited for, and none that was used later goes in its place.
final class CacheShelf {
  private static final Logger log = LoggerFactory.getLogger(CacheShelf.class);
  private static final String DROPPED = ".dropped-";

  /// How long a build waits for the cache at most, however long it may take. Clearing the one
  /// before away takes a second or two, but a large one on a slow disk, or with a daemon that
  /// hangs, a minute and more. To make anew what lies in such a cache takes about as long as this,
  /// so to wait longer could cost more than it spares.
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private record Place(Path folder, long bytes, long used) {
    String stack() {
      return String.valueOf(folder.getFileName());
    }
  }

  private final Path folder;
  private final long mostBytes;
  private final Duration patience;
  private final Map<String, Integer> users = new HashMap<>();
  private final ReentrantLock trimming = new ReentrantLock();

  CacheShelf(Path folder, long mostBytes) {
    this(folder, mostBytes, PATIENCE);
  }

  /// With that patience of whoever waits for a cache.
  CacheShelf(Path folder, long mostBytes, Duration patience) {
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.patience = patience;
  }

  /// Until it is closed.
  synchronized CacheHold take(String stack) {
    users.merge(stack, 1, Integer::sum);
    return new CacheHold(this, stack, patience, new LayerCache(folder.resolve(stack)));
  }

  /// For one of those that took it: whether it is the only one, which is waited for as long as it
  /// is `wanted`.
  synchronized boolean awaitOthers(String stack, Duration limit, BooleanSupplier wanted)
      throws InterruptedException {
    var end = System.nanoTime() + limit.toNanos();
    for (var left = limit.toMillis();
        left > 0 && !isAlone(stack) && wanted.getAsBoolean();
        left = (end - System.nanoTime()) / 1_000_000) {
      wait(left);
    }
    return isAlone(stack) && wanted.getAsBoolean();
  }

  /// Whether whoever took it is the only one.
  synchronized boolean isAlone(String stack) {
    return users.getOrDefault(stack, 0) <= 1;
  }

  /// Lets those who wait look whether they still want to.
  synchronized void wake() {
    notifyAll();
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
        found.add(new Place(entry, new LayerCache(entry).bytes(), used));
      }
    }
    return found;
  }
}
