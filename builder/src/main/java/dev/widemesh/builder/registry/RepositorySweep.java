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
import java.util.Optional;
import java.util.Set;

/// Marks what the images of one repository need that are kept or were just used, and removes its
/// other links. For who holds [Store#removing].
///
/// What a kept image needs and cannot be read holds everything: nobody knows what it needs itself.
/// What is only about an image, its signature for one, holds itself and what may be its own.
final class RepositorySweep {
  private final Store store;
  private final Manifests manifests;
  private final RepositoryTags tags;
  private final String repository;
  private final Instant unusedSince;
  private final List<Digest> all;
  private final Map<String, List<Digest>> referrers = new HashMap<>();
  private final Set<Digest> needed = new HashSet<>();
  private final Set<Digest> damaged = new HashSet<>();
  private final Set<Digest> blobs = new HashSet<>();

  /// Of what goes.
  private final Set<Digest> otherBlobs = new HashSet<>();

  private final List<String> held = new ArrayList<>();

  RepositorySweep(Store store, String repository, Instant unusedSince) throws IOException {
    this.store = store;
    this.manifests = new Manifests(store);
    this.tags = new RepositoryTags(store, repository);
    this.repository = repository;
    this.unusedSince = unusedSince;
    this.all = manifests.all(repository);
  }

  /// The content that is linked afterwards, at least. Nothing goes where something cannot be read
  /// that a kept image may need.
  Set<Digest> sweep(Set<Digest> kept) throws IOException {
    var links = Store.digests(store.repository(repository).resolve("_blobs"));
    var linked = new HashSet<Digest>();
    try {
      tags.read();
      mark(kept);
      for (var digest : RemovalOrder.of(unneeded())) {
        manifests.remove(repository, digest);
      }
      held.addAll(tags.removeUnreadableBut(needed));
      linked.addAll(removeBlobs(links));
    } catch (RegistryFailure e) {
      hold(String.valueOf(e.getMessage()));
      linked.addAll(links);
    } catch (IOException e) {
      hold(e.toString());
      linked.addAll(links);
    }
    linked.addAll(needed);
    linked.addAll(damaged);
    if (linked.isEmpty()) {
      removeFolders();
    }
    return linked;
  }

  private void hold(String why) {
    held.add("nothing is collected of %s: %s".formatted(repository, why));
    needed.addAll(all);
  }

  /// Why something did not go, if so.
  List<String> held() {
    return held;
  }

  private void mark(Set<Digest> kept) throws IOException, RegistryFailure {
    var required = new HashSet<>(kept);
    var open = new ArrayDeque<>(kept);
    for (var digest : all) {
      if (isRecent(digest)) {
        open.add(digest);
      }
      referrers.computeIfAbsent(subject(digest), _ -> new ArrayList<>()).add(digest);
    }
    // What is required first: what is about it may be damaged, that may not.
    while (!open.isEmpty()) {
      var digest = open.remove();
      if (needed.contains(digest) || damaged.contains(digest)) {
        continue;
      }
      var found = read(digest);
      if (found.isEmpty()) {
        lose(digest, required);
        continue;
      }
      needed.add(digest);
      blobs.addAll(found.get().allBlobs());
      for (var part : found.get().manifests()) {
        if (required.contains(digest)) {
          required.add(part);
          open.addFirst(part);
        } else {
          open.add(part);
        }
      }
      open.addAll(referrers.getOrDefault(digest.toString(), List.of()));
    }
  }

  private boolean isRecent(Digest digest) throws IOException {
    return !Collector.isUnused(store.manifestLink(repository, digest), unusedSince);
  }

  /// Whom it is about; empty for nobody.
  private String subject(Digest digest) throws IOException, RegistryFailure {
    try {
      return manifests.link(repository, digest).map(ManifestLink::subject).orElse("");
    } catch (RegistryFailure unreadable) {
      return manifests
          .content(digest)
          .map(ManifestContent::subject)
          .or(() -> tags.image(digest).map(Digest::toString))
          .orElseThrow(() -> unreadable);
    }
  }

  /// Empty where it is not there, or damaged.
  private Optional<ManifestContent> read(Digest digest) throws IOException {
    try {
      var found = manifests.find(repository, digest);
      return found.isPresent() ? Optional.of(found.get().read()) : Optional.empty();
    } catch (RegistryFailure _) {
      return manifests.content(digest);
    }
  }

  /// One that no tag names is of no use to anybody: it goes, as soon as nobody asks for it.
  private void lose(Digest digest, Set<Digest> required) throws IOException, RegistryFailure {
    if (required.contains(digest)) {
      throw RegistryFailure.of(
          ErrorCode.MANIFEST_UNKNOWN, "the manifest " + digest + " is needed and not there");
    }
    if (all.contains(digest) && (tags.mayName(digest) || isRecent(digest))) {
      damaged.add(digest);
      held.add(
          "%s keeps the manifest %s, which cannot be read, and what may be its own"
              .formatted(repository, digest));
    }
  }

  /// With the manifests that each names. One that is damaged, and that nobody needs, names none.
  private Map<Digest, List<Digest>> unneeded() throws IOException {
    var named = new LinkedHashMap<Digest, List<Digest>>();
    for (var digest : all) {
      if (!needed.contains(digest) && !damaged.contains(digest)) {
        var content = read(digest);
        content.ifPresent(parts -> otherBlobs.addAll(parts.allBlobs()));
        named.put(digest, content.map(ManifestContent::manifests).orElse(List.of()));
      }
    }
    return named;
  }

  /// Those that stay.
  private Set<Digest> removeBlobs(List<Digest> links) throws IOException {
    var stay = new HashSet<Digest>();
    for (var digest : links) {
      var link = store.blobLink(repository, digest);
      if (isNeeded(digest) || !Collector.isUnused(link, unusedSince)) {
        stay.add(digest);
      } else {
        Files.deleteIfExists(link);
      }
    }
    return stay;
  }

  /// What nobody names may be of one that cannot be read.
  private boolean isNeeded(Digest blob) {
    return blobs.contains(blob) || (!damaged.isEmpty() && !otherBlobs.contains(blob));
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
