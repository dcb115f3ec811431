package dev.widemesh.builder.registry;

import dev.widemesh.api.SignatureManifest;
import dev.widemesh.builder.image.AttachmentKind;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Looks whether an image can still be pulled: its manifests, and every blob that they name.
final class Inspection {
  private final Store store;
  private final Manifests manifests;
  private final List<String> lacking = new ArrayList<>();

  private Inspection(Store store) {
    this.store = store;
    this.manifests = new Manifests(store);
  }

  /// What is not there of `<repository>@<digest>`, in words.
  static List<String> lacks(Store store, String reference) throws IOException {
    var at = reference.indexOf('@');
    var digest = at < 0 ? Optional.<Digest>empty() : Digest.parse(reference.substring(at + 1));
    if (digest.isEmpty() || !Resource.isName(reference.substring(0, at))) {
      return List.of("an image named '" + reference + "'");
    }
    var inspection = new Inspection(store);
    inspection.look(reference.substring(0, at), digest.get());
    return List.copyOf(inspection.lacking);
  }

  /// What is not there of an image that the platform signed: its signature, if nothing else.
  static List<String> lacks(Store store, String reference, VerifyingKey key) throws IOException {
    var lacking = lacks(store, reference);
    if (!lacking.isEmpty()) {
      return lacking;
    }
    var at = reference.indexOf('@');
    var repository = reference.substring(0, at);
    var digest = reference.substring(at + 1);
    return SignatureManifest.find(new StoredShelf(store), key, repository, digest).isPresent()
        ? papers(store, repository, digest)
        : List.of("the platform's signature of " + reference);
  }

  /// What is not there of what is said about the image, as far as something is said.
  private static List<String> papers(Store store, String repository, String digest)
      throws IOException {
    var inspection = new Inspection(store);
    for (var kind : AttachmentKind.values()) {
      var paper = inspection.manifests.tagged(repository, kind.tag(digest));
      if (paper.isPresent()) {
        inspection.look(repository, paper.get());
      }
    }
    return List.copyOf(inspection.lacking);
  }

  private void look(String repository, Digest root) throws IOException {
    var open = new ArrayDeque<>(List.of(root));
    var seen = new HashSet<Digest>();
    while (!open.isEmpty()) {
      var digest = open.remove();
      if (!seen.add(digest)) {
        continue;
      }
      open.addAll(parts(repository, digest));
    }
  }

  private String what(String repository, Digest blob) {
    return Files.exists(store.blobLink(repository, blob)) && Files.exists(store.content(blob))
        ? "all of the blob"
        : "the blob";
  }

  private List<Digest> parts(String repository, Digest digest) throws IOException {
    try {
      var linked = manifests.find(repository, digest);
      if (linked.isEmpty()) {
        lacking.add("the manifest %s@%s".formatted(repository, digest));
        return List.of();
      }
      var content = linked.get().read();
      for (var blob : content.blobs()) {
        var file = store.blob(repository, blob);
        if (file.isEmpty() || !content.isOfSize(blob, Files.size(file.get()))) {
          lacking.add("%s %s of %s@%s".formatted(what(repository, blob), blob, repository, digest));
        }
      }
      return content.manifests();
    } catch (RegistryFailure _) {
      lacking.add("a readable manifest %s@%s".formatted(repository, digest));
      return List.of();
    }
  }
}
