package dev.widemesh.builder.registry;

import dev.widemesh.api.Json;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The manifests, tags and referrers of each repository.
final class Manifests {
  record Found(Digest digest, ManifestLink link, Path content) {}

  record Referrer(Digest digest, ManifestLink link) {}

  private final Store store;

  Manifests(Store store) {
    this.store = store;
  }

  /// Everything the manifest needs must be in the repository already.
  void put(String repository, Digest digest, ManifestContent manifest, byte[] content)
      throws IOException, RegistryFailure {
    var lock = store.collecting().readLock();
    lock.lock();
    try {
      for (var blob : manifest.blobs()) {
        if (store.blob(repository, blob).isEmpty()) {
          throw RegistryFailure.of(
              ErrorCode.MANIFEST_BLOB_UNKNOWN, "push " + blob + " to this repository first");
        }
      }
      store.keep(content, digest);
      Failpoint.MANIFEST_KEPT.pass();
      var link =
          new ManifestLink(
              manifest.mediaType(),
              content.length,
              manifest.artifactType(),
              manifest.subject(),
              manifest.annotations());
      Durable.write(store.manifestLink(repository, digest), bytes(Json.write(link)));
    } finally {
      lock.unlock();
    }
  }

  void tag(String repository, String tag, Digest digest) throws IOException {
    Durable.write(store.tag(repository, tag), bytes(digest.toString()));
  }

  Optional<Digest> tagged(String repository, String tag) throws IOException {
    return text(store.tag(repository, tag)).flatMap(Digest::parse);
  }

  Optional<Found> find(String repository, Digest digest) throws IOException {
    var link = link(repository, digest);
    if (link.isEmpty()) {
      return Optional.empty();
    }
    var content = store.content(digest);
    return Files.exists(content)
        ? Optional.of(new Found(digest, link.get(), content))
        : Optional.empty();
  }

  Optional<ManifestLink> link(String repository, Digest digest) throws IOException {
    var file = store.manifestLink(repository, digest);
    return Store.touch(file)
        ? text(file).map(json -> Json.read(json, ManifestLink.class))
        : Optional.empty();
  }

  /// With all tags that point there.
  boolean delete(String repository, Digest digest) throws IOException {
    var deleted = Files.deleteIfExists(store.manifestLink(repository, digest));
    for (var tag : tags(repository)) {
      if (tagged(repository, tag).filter(digest::equals).isPresent()) {
        untag(repository, tag);
      }
    }
    return deleted;
  }

  boolean untag(String repository, String tag) throws IOException {
    return Files.deleteIfExists(store.tag(repository, tag));
  }

  List<String> tags(String repository) throws IOException {
    return Store.names(store.repository(repository).resolve("_tags")).stream()
        .filter(name -> Resource.TAG.matcher(name).matches())
        .toList();
  }

  List<Referrer> referrers(String repository, Digest subject) throws IOException {
    var referrers = new ArrayList<Referrer>();
    for (var digest : all(repository)) {
      text(store.manifestLink(repository, digest))
          .map(json -> Json.read(json, ManifestLink.class))
          .filter(link -> link.subject().equals(subject.toString()))
          .ifPresent(link -> referrers.add(new Referrer(digest, link)));
    }
    return referrers;
  }

  List<Digest> all(String repository) throws IOException {
    return Store.digests(store.repository(repository).resolve("_manifests"));
  }

  private static Optional<String> text(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
