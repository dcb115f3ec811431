package dev.widemesh.api;

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

  /// What is asked for where signatures lie.
  public interface Shelf {
    Optional<byte[]> manifest(String repository, String tag) throws IOException;

    Optional<byte[]> blob(String repository, String digest) throws IOException;
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
    var manifest = shelf.manifest(repository, tag(digest));
    if (manifest.isEmpty()) {
      return Optional.empty();
    }
    for (var layer : layers(manifest.get())) {
      var signed = layer.path("annotations").path(SIGNATURE).asText("");
      var signature =
          shelf
              .blob(repository, layer.path("digest").asText(""))
              .map(payload -> new ImageSignature(text(payload), signed))
              .filter(found -> found.isOf(key, repository, digest));
      if (signature.isPresent()) {
        return signature;
      }
    }
    return Optional.empty();
  }

  private static String text(byte[] payload) {
    return new String(payload, StandardCharsets.UTF_8);
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
