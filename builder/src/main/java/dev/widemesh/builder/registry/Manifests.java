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

/// The manifests, tags and referrers of each repository. What a manifest names is in its repository
/// as long as the manifest is.
final class Manifests {
  record Found(Digest digest, ManifestLink link, Path content) {
    ManifestContent read() throws IOException, RegistryFailure {
      var bytes = Files.readAllBytes(content);
      if (!Digest.of(digest.algorithm(), bytes).equals(digest)) {
        throw damaged("the content of the manifest " + digest + " is not its own");
      }
      return ManifestContent.parse(bytes, link.mediaType());
    }
  }

  record Referrer(Digest digest, ManifestLink link) {}

  private final Store store;

  Manifests(Store store) {
    this.store = store;
  }

  /// Everything the manifest needs must be in the repository already.
  void put(
      String repository, Digest digest, ManifestContent manifest, byte[] content, List<String> tags)
      throws IOException, RegistryFailure {
    try (var _ = store.using()) {
      requireParts(repository, manifest);
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
      for (var tag : tags) {
        Durable.write(store.tag(repository, tag), bytes(digest.toString()));
      }
    }
  }

  private void requireParts(String repository, ManifestContent manifest)
      throws IOException, RegistryFailure {
    for (var blob : manifest.blobs()) {
      require(store.useBlob(repository, blob).isPresent(), blob);
    }
    for (var child : manifest.manifests()) {
      require(use(repository, child).isPresent(), child);
    }
    for (var blob : manifest.elsewhere()) {
      var _ = store.useBlob(repository, blob);
    }
  }

  private static void require(boolean isThere, Digest part) throws RegistryFailure {
    if (!isThere) {
      throw RegistryFailure.of(
          ErrorCode.MANIFEST_BLOB_UNKNOWN, "push " + part + " to this repository first");
    }
  }

  Optional<Digest> tagged(String repository, String tag) throws IOException {
    return text(store.tag(repository, tag)).flatMap(Digest::parse);
  }

  /// Empty where there is no link. Refuses one that is there and damaged: to whoever pulls that is
  /// no manifest, and whoever pushes it makes it whole.
  Optional<Found> find(String repository, Digest digest) throws IOException, RegistryFailure {
    var link = link(repository, digest);
    var content = store.content(digest);
    if (link.isPresent() && size(content) != link.get().size()) {
      throw damaged("the content of the manifest " + digest + " is missing or cut");
    }
    return link.map(it -> new Found(digest, it, content));
  }

  /// What it says itself, whatever became of its link. Empty where that is not whole either.
  Optional<ManifestContent> content(Digest digest) throws IOException {
    var bytes = whole(digest);
    try {
      return bytes.isPresent()
          ? Optional.of(ManifestContent.parse(bytes.get(), ""))
          : Optional.empty();
    } catch (RegistryFailure _) {
      return Optional.empty();
    }
  }

  private static long size(Path content) throws IOException {
    try {
      return Files.size(content);
    } catch (NoSuchFileException _) {
      return -1;
    }
  }

  private Optional<byte[]> whole(Digest digest) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(store.content(digest)))
          .filter(bytes -> Digest.of(digest.algorithm(), bytes).equals(digest));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static RegistryFailure damaged(String what) {
    return RegistryFailure.of(ErrorCode.MANIFEST_UNKNOWN, what + ": push it again");
  }

  /// Like [Store#useBlob].
  Optional<Found> use(String repository, Digest digest) throws IOException, RegistryFailure {
    try (var _ = store.using()) {
      return Store.touch(store.manifestLink(repository, digest))
          ? find(repository, digest)
          : Optional.empty();
    }
  }

  Optional<ManifestLink> link(String repository, Digest digest)
      throws IOException, RegistryFailure {
    try {
      return text(store.manifestLink(repository, digest))
          .map(json -> Json.read(json, ManifestLink.class));
    } catch (IllegalArgumentException _) {
      throw damaged("what " + repository + " says of the manifest " + digest + " cannot be read");
    }
  }

  /// With all tags that point there. One that another manifest needs stays.
  void delete(Resource.Manifest target) throws IOException, RegistryFailure {
    try (var _ = store.removing()) {
      var repository = target.repository();
      if (!Files.exists(store.manifestLink(repository, target.digest()))) {
        throw target.absent();
      }
      requireUnneeded(repository, target.digest());
      remove(repository, target.digest());
    }
  }

  /// For who holds [Store#removing]. Tags first: none that can be read ever points to nothing.
  void remove(String repository, Digest digest) throws IOException {
    for (var tag : tags(repository)) {
      if (pointsTo(repository, tag, digest)) {
        Files.deleteIfExists(store.tag(repository, tag));
      }
    }
    Files.deleteIfExists(store.manifestLink(repository, digest));
  }

  private boolean pointsTo(String repository, String tag, Digest digest) {
    try {
      return tagged(repository, tag).filter(digest::equals).isPresent();
    } catch (IOException _) {
      return false;
    }
  }

  void untag(Resource.Tagged target) throws IOException, RegistryFailure {
    try (var _ = store.removing()) {
      if (!Files.deleteIfExists(store.tag(target.repository(), target.tag()))) {
        throw target.absent();
      }
    }
  }

  /// One that a manifest needs stays.
  void deleteBlob(Resource.Blob target) throws IOException, RegistryFailure {
    try (var _ = store.removing()) {
      var repository = target.repository();
      if (!Files.exists(store.blobLink(repository, target.digest()))) {
        throw target.absent();
      }
      requireUnneeded(repository, target.digest());
      Files.deleteIfExists(store.blobLink(repository, target.digest()));
    }
  }

  private void requireUnneeded(String repository, Digest part) throws IOException, RegistryFailure {
    for (var digest : all(repository)) {
      if (!digest.equals(part) && mayNeed(repository, digest, part)) {
        throw RegistryFailure.of(
            ErrorCode.UNSUPPORTED, "the manifest " + digest + " needs it: delete that first");
      }
    }
  }

  /// One that cannot be read may need anything.
  private boolean mayNeed(String repository, Digest digest, Digest part) throws IOException {
    try {
      var found = find(repository, digest);
      return found.isPresent() && found.get().read().needs(part);
    } catch (RegistryFailure _) {
      return true;
    }
  }

  List<String> tags(String repository) throws IOException {
    return Store.names(store.repository(repository).resolve("_tags")).stream()
        .filter(name -> Resource.TAG.matcher(name).matches())
        .toList();
  }

  /// In the order of their digests. Who cannot be read is about nobody.
  List<Referrer> referrers(String repository, Digest subject) throws IOException {
    var referrers = new ArrayList<Referrer>();
    for (var digest : all(repository)) {
      readable(repository, digest)
          .filter(link -> link.subject().equals(subject.toString()))
          .ifPresent(link -> referrers.add(new Referrer(digest, link)));
    }
    return referrers;
  }

  private Optional<ManifestLink> readable(String repository, Digest digest) throws IOException {
    try {
      return link(repository, digest);
    } catch (RegistryFailure _) {
      return Optional.empty();
    }
  }

  List<Digest> all(String repository) throws IOException {
    return Store.digests(store.repository(repository).resolve("_manifests"));
  }

  private static Optional<String> text(Path file) throws IOException {
    try {
      return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
