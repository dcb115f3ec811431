package dev.widemesh.builder.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.ArtifactManifest;
import dev.widemesh.api.ArtifactManifest.Descriptor;
import dev.widemesh.api.Json;
import dev.widemesh.api.WrongContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// What is said about images of the platform's registry, and lies there beside them: kept as long
/// as the image, and gone with it. References are `<repository>@<digest>`.
public final class Attachments {
  private final RegistryConnection registry;

  Attachments(RegistryConnection registry) {
    this.registry = registry;
  }

  /// The image's own manifest; empty where there is no such image.
  public Optional<byte[]> manifest(String reference) throws IOException {
    var name = ImageName.parse(reference);
    return registry.findManifest(name.repository(), name.digest());
  }

  /// The digest of its content, if that is there, as far as can be seen without reading it.
  public Optional<String> digest(AttachmentKind kind, String reference) throws IOException {
    var name = ImageName.parse(reference);
    var content = described(kind, name);
    if (content.isEmpty()) {
      return Optional.empty();
    }
    var digest = content.get().path("digest").asText("");
    return registry.hasBlob(name.repository(), digest) ? Optional.of(digest) : Optional.empty();
  }

  /// Empty as well where what lies there is damaged, or not about that image.
  public Optional<byte[]> find(AttachmentKind kind, String reference) throws IOException {
    var name = ImageName.parse(reference);
    var content = described(kind, name);
    if (content.isEmpty()) {
      return Optional.empty();
    }
    try {
      return registry
          .shelf()
          .blob(name.repository(), content.get().path("digest").asText(""), kind.largest());
    } catch (WrongContent _) {
      return Optional.empty();
    }
  }

  private Optional<JsonNode> described(AttachmentKind kind, ImageName image) throws IOException {
    try {
      var found = registry.shelf().manifest(image.repository(), kind.tag(image.digest()));
      if (found.isEmpty()) {
        return Optional.empty();
      }
      var manifest = Json.MAPPER.readTree(found.get());
      var content = manifest.path("layers").path(0);
      var isOurs =
          manifest.path("artifactType").asText("").equals(kind.artifactType())
              && manifest.path("subject").path("digest").asText("").equals(image.digest())
              && content.path("mediaType").asText("").equals(kind.mediaType())
              && content.path("digest").asText("").matches("sha256:[0-9a-f]{64}");
      return isOurs ? Optional.of(content) : Optional.empty();
    } catch (WrongContent | JsonProcessingException _) {
      return Optional.empty();
    }
  }

  /// Puts it there, instead of what was. False where there is no such image.
  public boolean attach(
      AttachmentKind kind, String reference, byte[] content, Map<String, String> annotations)
      throws IOException {
    if (content.length > kind.largest()) {
      throw new IOException("what is said about %s is too long".formatted(reference));
    }
    var name = ImageName.parse(reference);
    var image = manifest(reference);
    if (image.isEmpty()) {
      return false;
    }
    var repository = name.repository();
    var digest = Sha256.of(content);
    // Unasked: the registry may have as many other bytes in its place.
    registry.pushBlob(repository, digest, content);
    pushIfMissing(repository, ArtifactManifest.EMPTY.getBytes(StandardCharsets.UTF_8));
    var type = Json.MAPPER.readTree(image.get()).path("mediaType").asText();
    var manifest =
        ArtifactManifest.of(
            kind.artifactType(),
            new Descriptor(kind.mediaType(), digest, content.length),
            annotations,
            new Descriptor(
                type.isEmpty() ? ArtifactManifest.MEDIA_TYPE : type,
                name.digest(),
                image.get().length));
    registry.pushManifest(
        repository,
        kind.tag(name.digest()),
        ArtifactManifest.MEDIA_TYPE,
        manifest.getBytes(StandardCharsets.UTF_8));
    return true;
  }

  private void pushIfMissing(String repository, byte[] content) throws IOException {
    var digest = Sha256.of(content);
    if (!registry.hasBlob(repository, digest)) {
      registry.pushBlob(repository, digest, content);
    }
  }
}
