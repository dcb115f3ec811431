package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes what no kept image needs and nobody used for a while, beside others that push and pull.
// What keeps it from losing anything:
// - whoever relies on a link, or adds one, touches it and its content under Store.using()
// - what is removed is looked at again, and removed, under Store.removing()
// - a manifest goes before what it names, and keeps that as long as it is there itself
final class Collector {
  private static final Logger log = LoggerFactory.getLogger(Collector.class);

  private final Store store;
  private final Instant unusedSince;

  Collector(Store store, Instant unusedSince) {
    this.store = store;
    this.unusedSince = unusedSince;
  }

  /// Nothing is removed where one of them is no reference. Answers in words what it left because
  /// something cannot be read.
  List<String> collect(Set<String> references) throws IOException {
    var kept = new HashMap<String, Set<Digest>>();
    for (var reference : references) {
      var at = reference.indexOf('@');
      kept.computeIfAbsent(reference.substring(0, Math.max(0, at)), _ -> new HashSet<>())
          .add(digest(reference, at));
    }
    var linked = new HashSet<Digest>();
    var held = new ArrayList<String>();
    var isListed = true;
    for (var repository : repositories()) {
      try (var _ = store.removing()) {
        var sweep = new RepositorySweep(store, repository, unusedSince);
        linked.addAll(sweep.sweep(roots(kept, repository)));
        held.addAll(sweep.held());
      } catch (IOException e) {
        held.add("no content is collected: %s cannot be listed: %s".formatted(repository, e));
        isListed = false;
      }
    }
    held.forEach(log::warn);
    if (!isListed) {
      return held;
    }
    var freed = 0L;
    for (var digest : contents()) {
      freed += linked.contains(digest) ? 0 : free(digest);
    }
    log.info("collected {} MB that no kept image needs", freed >> 20);
    return held;
  }

  private static Set<Digest> roots(Map<String, Set<Digest>> kept, String repository) {
    return kept.getOrDefault(repository, Set.of());
  }

  private static Digest digest(String reference, int at) {
    var digest = at < 0 ? Optional.<Digest>empty() : Digest.parse(reference.substring(at + 1));
    return digest
        .filter(_ -> Resource.isName(reference.substring(0, at)))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "not <repository>@<digest>: '" + reference + "'; nothing was collected"));
  }

  /// Whoever linked it meanwhile has touched it.
  private long free(Digest digest) throws IOException {
    var content = store.content(digest);
    try (var _ = store.removing()) {
      if (!isUnused(content, unusedSince)) {
        return 0;
      }
      var size = Files.size(content);
      Files.deleteIfExists(content);
      return size;
    }
  }

  static boolean isUnused(Path file, Instant since) throws IOException {
    try {
      return !Files.getLastModifiedTime(file).toInstant().isAfter(since);
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  private List<String> repositories() throws IOException {
    var found = new ArrayList<String>();
    Files.walkFileTree(
        store.repositories(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (folder.getFileName().toString().startsWith("_")) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            found.add(store.repositories().relativize(folder).toString());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) throws IOException {
            if (gone instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw gone;
          }
        });
    found.remove("");
    return found.reversed();
  }

  private List<Digest> contents() throws IOException {
    var found = new ArrayList<Digest>();
    for (var algorithm : Store.names(store.blobs())) {
      for (var name : Store.names(store.blobs().resolve(algorithm))) {
        Digest.parse(algorithm + ":" + name).ifPresent(found::add);
      }
    }
    return found;
  }
}
