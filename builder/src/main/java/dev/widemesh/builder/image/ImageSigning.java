package dev.widemesh.builder.image;

import dev.widemesh.api.ArtifactManifest;
import dev.widemesh.api.ArtifactManifest.Descriptor;
import dev.widemesh.api.ImageSignature;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Signs images in the registry, each once: two signatures of the same are never the same.
final class ImageSigning {
  private final RegistryConnection registry;
  private final SigningKey key;
  private final SigningRecord signed;

  /// `data` is where it remembers what it signed.
  ImageSigning(RegistryConnection registry, SigningKey key, Path data) {
    this.registry = registry;
    this.key = key;
    this.signed = new SigningRecord(data, key.verifying());
  }

  /// The image may still be on its way to the registry.
  void sign(String repository, Descriptor image) throws IOException {
    if (isWhole(repository, image.digest())) {
      return;
    }
    var name = registry.address() + "/" + repository;
    var signature = ImageSignature.of(key, name, image.digest());
    var payload = push(repository, signature.payload());
    if (!registry.hasBlob(repository, ArtifactManifest.EMPTY_DIGEST)) {
      push(repository, ArtifactManifest.EMPTY);
    }
    registry.pushManifest(
        repository,
        SignatureManifest.tag(image.digest()),
        ArtifactManifest.MEDIA_TYPE,
        bytes(SignatureManifest.of(signature, payload, image)));
    signed.keep(repository, image.digest(), signature);
  }

  boolean isSigned(String repository, String digest) throws IOException {
    return find(repository, digest).isPresent();
  }

  /// The same, and what is signed is remembered.
  boolean isWhole(String repository, String digest) throws IOException {
    var found = find(repository, digest);
    if (found.isPresent()) {
      signed.keep(repository, digest, found.get());
    }
    return found.isPresent();
  }

  /// Whether it was signed once, with the key of now whatever the registry says, or with one
  /// `before`.
  boolean isKnown(String repository, String digest, List<VerifyingKey> before) throws IOException {
    if (signed.has(repository, digest, before)) {
      return true;
    }
    for (var one : before) {
      if (SignatureManifest.find(registry.shelf(), one, repository, digest).isPresent()) {
        return true;
      }
    }
    return false;
  }

  void rememberOnly(Collection<String> references, Instant since) throws IOException {
    signed.keepOnly(references, since);
  }

  private Optional<ImageSignature> find(String repository, String digest) throws IOException {
    return SignatureManifest.find(registry.shelf(), key.verifying(), repository, digest);
  }

  private String push(String repository, String content) throws IOException {
    var digest = Sha256.of(content);
    registry.pushBlob(repository, digest, bytes(content));
    return digest;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
