package dev.widemesh.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/// Says who made an image: a text with its digest, and the signature of that text. Both as cosign
/// has them (its SIGNATURE_SPEC.md): "simple signing", in a manifest at a tag made of the digest.
public record ImageSignature(String payload, String signature) {
  private static final String TYPE = "cosign container image signature";

  /// `name` is the repository with its registry, `digest` the manifest's.
  public static ImageSignature of(SigningKey key, String name, String digest) {
    var critical = new LinkedHashMap<String, Object>();
    critical.put("identity", Map.of("docker-reference", name));
    critical.put("image", Map.of("docker-manifest-digest", digest));
    critical.put("type", TYPE);
    var payload = Json.write(Map.of("critical", critical));
    return new ImageSignature(
        payload, Base64.getEncoder().encodeToString(key.sign(bytes(payload))));
  }

  /// Whether this was signed with that key, for that image of that repository. The registry's own
  /// address may have changed since.
  public boolean isOf(VerifyingKey key, String repository, String digest) {
    return key.verify(bytes(payload), decoded(signature)) && names(repository, digest);
  }

  private boolean names(String repository, String digest) {
    try {
      var critical = Json.MAPPER.readTree(payload).path("critical");
      return text(critical.path("type")).equals(TYPE)
          && text(critical.path("image").path("docker-manifest-digest")).equals(digest)
          && ("/" + text(critical.path("identity").path("docker-reference")))
              .endsWith("/" + repository);
    } catch (JsonProcessingException _) {
      return false;
    }
  }

  private static String text(JsonNode node) {
    return node.asText("");
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      return new byte[0];
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
