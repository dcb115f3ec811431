package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Marks what the images of one repository need that are kept or were just used, and removes its
/// other links. For who holds [Store#removing].
final class RepositorySweep {
  private static final Logger log = LoggerFactory.getLogger(RepositorySweep.class);

  private final Store store;
  private final Manifests manifests;
  private final String repository;
  private final Instant unusedSince;
  private final List<Digest> all;
  private final Map<String, List<Digest>> referrers = new HashMap<>();
  private final Set<Digest> needed = new HashSet<>();
  private final Set<Digest> blobs = new HashSet<>();

  RepositorySweep(Store store, String repository, Instant unusedSince) throws IOException {
    this.store = store;
    this.manifests = new Manifests(store);
    this.repository = repository;
    this.unusedSince = unusedSince;
    this.all = manifests.all(repository);
  }

  /// The content that is linked afterwards.
  Set<Digest> sweep(Set<Digest> kept) throws IOException {
    var links = Store.digests(store.repository(repository).resolve("_blobs"));
    try {
      mark(kept);
    } catch (RegistryFailure e) {
      log.warn("nothing goes from {}, a manifest is damaged: {}", repository, e.getMessage());
      needed.addAll(all);
      blobs.addAll(links);
    }
    var linked = new HashSet<Digest>();
    for (var digest : all) {
      if (needed.contains(digest)) {
        linked.add(digest);
      } else {
        manifests.remove(repository, digest);
      }
    }
    for (var digest : links) {
      var link = store.blobLink(repository, digest);
      if (blobs.contains(digest) || !Collector.isUnused(link, unusedSince)) {
        linked.add(digest);
      } else {
        Files.deleteIfExists(link);
      }
    }
    if (linked.isEmpty()) {
      removeFolders();
    }
    return linked;
  }

  private void mark(Set<Digest> kept) throws IOException, RegistryFailure {
    var open = new ArrayDeque<>(kept);
    for (var digest : all) {
      if (!Collector.isUnused(store.manifestLink(repository, digest), unusedSince)) {
        open.add(digest);
      }
      manifests
          .link(repository, digest)
          .ifPresent(
              link ->
                  referrers.computeIfAbsent(link.subject(), _ -> new ArrayList<>()).add(digest));
    }
    while (!open.isEmpty()) {
      var digest = open.remove();
      var found = manifests.find(repository, digest);
      if (found.isPresent() && needed.add(digest)) {
        var content = found.get().read();
        blobs.addAll(content.allBlobs());
        open.addAll(content.manifests());
        open.addAll(referrers.getOrDefault(digest.toString(), List.of()));
      }
    }
  }

  /// Unless others are below it.
  private void removeFolders() throws IOException {
    var folder = store.repository(repository);
    for (var name : Store.LINKS) {
      removeEmpty(folder.resolve(name));
    }
    removeEmpty(folder);
  }

  private static void removeEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException _) {
      // half a file of a crash may lie there
    }
  }
}
