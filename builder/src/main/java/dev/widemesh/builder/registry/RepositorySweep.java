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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Marks what the images of one repository need that are kept or were just used, and removes its
/// other links. For who holds [Store#removing].
final class RepositorySweep {
  private final Store store;
  private final Manifests manifests;
  private final String repository;
  private final Instant unusedSince;
  private final List<Digest> all;
  private final Map<String, List<Digest>> referrers = new HashMap<>();
  private final Set<Digest> needed = new HashSet<>();
  private final Set<Digest> blobs = new HashSet<>();
  private final List<String> held = new ArrayList<>();

  RepositorySweep(Store store, String repository, Instant unusedSince) throws IOException {
    this.store = store;
    this.manifests = new Manifests(store);
    this.repository = repository;
    this.unusedSince = unusedSince;
    this.all = manifests.all(repository);
  }

  /// The content that is linked afterwards, at least. Nothing goes where something cannot be read.
  Set<Digest> sweep(Set<Digest> kept) throws IOException {
    var links = Store.digests(store.repository(repository).resolve("_blobs"));
    var linked = new HashSet<Digest>();
    try {
      mark(kept);
      for (var digest : RemovalOrder.of(unneeded())) {
        manifests.remove(repository, digest);
      }
      linked.addAll(removeBlobs(links));
    } catch (RegistryFailure e) {
      hold(String.valueOf(e.getMessage()));
      linked.addAll(links);
    } catch (IOException e) {
      hold(e.toString());
      linked.addAll(links);
    }
    linked.addAll(needed);
    if (linked.isEmpty()) {
      removeFolders();
    }
    return linked;
  }

  private void hold(String why) {
    held.add("nothing is collected of %s: %s".formatted(repository, why));
    needed.addAll(all);
  }

  /// Why nothing went, if so.
  List<String> held() {
    return held;
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
      if (needed.add(digest)) {
        var content = read(digest);
        blobs.addAll(content.allBlobs());
        open.addAll(content.manifests());
        open.addAll(referrers.getOrDefault(digest.toString(), List.of()));
      }
    }
  }

  /// What one needs that is not there, nobody knows.
  private ManifestContent read(Digest digest) throws IOException, RegistryFailure {
    var found = manifests.find(repository, digest);
    if (found.isEmpty()) {
      throw RegistryFailure.of(
          ErrorCode.MANIFEST_UNKNOWN, "the manifest " + digest + " is needed and not there");
    }
    return found.get().read();
  }

  /// With the manifests that each names. One that is damaged, and that nobody needs, names none.
  private Map<Digest, List<Digest>> unneeded() throws IOException {
    var named = new LinkedHashMap<Digest, List<Digest>>();
    for (var digest : all) {
      if (!needed.contains(digest)) {
        named.put(digest, named(digest));
      }
    }
    return named;
  }

  private List<Digest> named(Digest digest) throws IOException {
    try {
      return read(digest).manifests();
    } catch (RegistryFailure _) {
      return List.of();
    }
  }

  /// Those that stay.
  private Set<Digest> removeBlobs(List<Digest> links) throws IOException {
    var stay = new HashSet<Digest>();
    for (var digest : links) {
      var link = store.blobLink(repository, digest);
      if (blobs.contains(digest) || !Collector.isUnused(link, unusedSince)) {
        stay.add(digest);
      } else {
        Files.deleteIfExists(link);
      }
    }
    return stay;
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
