package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Marks what the kept images need, and sweeps the rest where nobody touched it for the grace.
final class Collector {
  private static final Logger log = LoggerFactory.getLogger(Collector.class);

  private final Store store;
  private final Manifests manifests;
  private final Instant oldest;

  /// Links that are needed, and the content that any link still needs.
  private final Set<Path> needed = new HashSet<>();

  private final Set<Path> linked = new HashSet<>();

  Collector(Store store, Duration grace) {
    this.store = store;
    this.manifests = new Manifests(store);
    this.oldest = Instant.now().minus(grace);
  }

  void collect(Set<String> kept) throws IOException {
    var lock = store.collecting().writeLock();
    lock.lock();
    try {
      for (var reference : kept) {
        mark(reference);
      }
      var freed = 0L;
      for (var repository : repositories()) {
        sweepLinks(repository);
      }
      for (var content : contents()) {
        freed += linked.contains(content) ? 0 : sweep(content);
      }
      log.info("collected {} MB that no kept image needs", freed >> 20);
    } finally {
      lock.unlock();
    }
  }

  private void mark(String reference) throws IOException {
    var at = reference.indexOf('@');
    var digest = at < 0 ? Optional.<Digest>empty() : Digest.parse(reference.substring(at + 1));
    if (digest.isEmpty() || !Resource.isName(reference.substring(0, at))) {
      throw new IllegalArgumentException(
          "not <repository>@<digest>: '" + reference + "'; nothing was collected");
    }
    mark(reference.substring(0, at), digest.get());
  }

  private void mark(String repository, Digest root) throws IOException {
    var open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      var digest = open.remove();
      var found = manifests.find(repository, digest);
      if (found.isEmpty() || !needed.add(store.manifestLink(repository, digest))) {
        continue;
      }
      var content = parse(found.get());
      content.blobs().forEach(blob -> needed.add(store.blobLink(repository, blob)));
      open.addAll(content.manifests());
      manifests.referrers(repository, digest).forEach(each -> open.add(each.digest()));
    }
  }

  private static ManifestContent parse(Manifests.Found found) throws IOException {
    try {
      return ManifestContent.parse(Files.readAllBytes(found.content()), found.link().mediaType());
    } catch (RegistryFailure e) {
      throw new IOException("the manifest " + found.digest() + " is damaged", e);
    }
  }

  private void sweepLinks(Path repository) throws IOException {
    var name = store.repositories().relativize(repository).toString();
    for (var digest : Store.digests(repository.resolve("_manifests"))) {
      if (isGarbage(store.manifestLink(name, digest))) {
        manifests.delete(name, digest);
      } else {
        linked.add(store.content(digest));
      }
    }
    for (var digest : Store.digests(repository.resolve("_blobs"))) {
      var link = store.blobLink(name, digest);
      if (isGarbage(link)) {
        Files.deleteIfExists(link);
      } else {
        linked.add(store.content(digest));
      }
    }
  }

  private boolean isGarbage(Path link) throws IOException {
    return !needed.contains(link) && isOld(link);
  }

  private boolean isOld(Path file) throws IOException {
    try {
      return !Files.getLastModifiedTime(file).toInstant().isAfter(oldest);
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  private long sweep(Path content) throws IOException {
    if (!isOld(content)) {
      return 0;
    }
    var size = Files.size(content);
    Files.deleteIfExists(content);
    return size;
  }

  private List<Path> repositories() throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        store.repositories(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (!folder.getFileName().toString().startsWith("_")) {
              found.add(folder);
              return FileVisitResult.CONTINUE;
            }
            return FileVisitResult.SKIP_SUBTREE;
          }
        });
    return found;
  }

  private List<Path> contents() throws IOException {
    var found = new ArrayList<Path>();
    for (var algorithm : Store.names(store.blobs())) {
      var folder = store.blobs().resolve(algorithm);
      Store.names(folder).forEach(name -> found.add(folder.resolve(name)));
    }
    return found;
  }
}
