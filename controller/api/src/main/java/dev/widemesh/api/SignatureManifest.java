package dev.widemesh.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.ArtifactManifest.Descriptor;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// Where an image's signature is in a registry: a manifest that cosign finds by its tag, and that
/// is about the image (`subject`), so that it is kept as long as that and goes with it.
public final class SignatureManifest {
  private static final String ARTIFACT_TYPE = "application/vnd.dev.cosign.artifact.sig.v1+json";
  private static final String PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";

  /// So many signatures of one image are looked at.
  private static final int MOST = 10;

  private static final int LONGEST = 64_000;

  private SignatureManifest() {}

  /// What is asked for where signatures lie. Throws [WrongContent] for what is there, but is not
  /// that.
  public interface Shelf {
    Optional<byte[]> manifest(String repository, String tag) throws IOException;

    /// Of `most` bytes at most, whatever is said of its size.
    Optional<byte[]> blob(String repository, String digest, int most) throws IOException;
  }

  public static String tag(String digest) {
    return digest.replace(':', '-') + ".sig";
  }

  /// `payload` is the digest of the signature's payload.
  public static String of(ImageSignature signature, String payload, Descriptor image) {
    var size = signature.payload().getBytes(StandardCharsets.UTF_8).length;
    return ArtifactManifest.of(
        ARTIFACT_TYPE,
        new Descriptor(PAYLOAD_TYPE, payload, size),
        Map.of(SIGNATURE, signature.signature()),
        image);
  }

  /// The signature of that image by that key, if there is one.
  public static Optional<ImageSignature> find(
      Shelf shelf, VerifyingKey key, String repository, String digest) throws IOException {
    for (var layer : layers(shelf, repository, digest)) {
      var signed = layer.path("annotations").path(SIGNATURE).asText("");
      var signature =
          payload(shelf, repository, layer.path("digest").asText(""))
              .map(payload -> new ImageSignature(payload, signed))
              .filter(found -> found.isOf(key, repository, digest));
      if (signature.isPresent()) {
        return signature;
      }
    }
    return Optional.empty();
  }

  /// What cannot be one is none: the next may be.
  private static Optional<String> payload(Shelf shelf, String repository, String digest)
      throws IOException {
    try {
      return shelf
          .blob(repository, digest, LONGEST)
          .map(payload -> new String(payload, StandardCharsets.UTF_8));
    } catch (WrongContent _) {
      return Optional.empty();
    }
  }

  /// None where what stands there is no manifest: whoever signs puts one in its place.
  private static List<JsonNode> layers(Shelf shelf, String repository, String digest)
      throws IOException {
    try {
      var manifest = shelf.manifest(repository, tag(digest));
      return manifest.isEmpty() ? List.of() : layers(manifest.get());
    } catch (WrongContent | JsonProcessingException _) {
      return List.of();
    }
  }

  private static List<JsonNode> layers(byte[] manifest) throws IOException {
    var layers = Json.MAPPER.readTree(manifest).path("layers");
    return StreamSupport.stream(layers.spliterator(), false)
        .filter(layer -> layer.path("mediaType").asText("").equals(PAYLOAD_TYPE))
        .filter(layer -> layer.path("size").asLong(Long.MAX_VALUE) <= LONGEST)
        .limit(MOST)
        .toList();
  }
}
