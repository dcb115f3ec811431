package dev.widemesh.builder.image;

import dev.widemesh.api.ArtifactManifest;
import dev.widemesh.api.ArtifactManifest.Descriptor;
import dev.widemesh.api.ImageSignature;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Signs images in the registry, each once: two signatures of the same are never the same.
final class ImageSigning {
  private final RegistryConnection registry;
  private final SigningKey key;

  ImageSigning(RegistryConnection registry, SigningKey key) {
    this.registry = registry;
    this.key = key;
  }

  /// The image may still be on its way to the registry.
  void sign(String repository, Descriptor image) throws IOException {
    if (isSigned(repository, image.digest())) {
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
  }

  boolean isSigned(String repository, String digest) throws IOException {
    return SignatureManifest.find(registry.shelf(), key.verifying(), repository, digest)
        .isPresent();
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
