package dev.widemesh.builder.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Iterables;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What the registry must know of a manifest: the blobs and manifests it needs, those that it says
/// are elsewhere (`urls`) though they may be here, too, and whom it is about. Empty text stands for
/// what the manifest does not say. `sizes` of its blobs in bytes, as far as it says them.
record ManifestContent(
    String mediaType,
    String artifactType,
    String subject,
    List<Digest> blobs,
    List<Digest> elsewhere,
    List<Digest> manifests,
    Map<Digest, Long> sizes,
    Map<String, String> annotations) {

  /// `declared` is the media type that came with it, or empty.
  static ManifestContent parse(byte[] bytes, String declared) throws RegistryFailure {
    var root = json(bytes);
    var said = root.path("mediaType").asText("");
    if (!declared.isEmpty() && !said.isEmpty() && !declared.equals(said)) {
      throw invalid("Content-Type is " + declared + " but the manifest's mediaType is " + said);
    }
    var mediaType = declared.isEmpty() ? said : declared;
    if (mediaType.isEmpty() || root.path("schemaVersion").asInt() != 2) {
      throw invalid("a media type and schemaVersion 2 are needed");
    }
    var layers = root.path("layers");
    var blobs = new ArrayList<>(digests(layers, false));
    blobs.addAll(digest(root.path("config")).stream().toList());
    return new ManifestContent(
        mediaType,
        artifactType(root),
        digest(root.path("subject")).map(Digest::toString).orElse(""),
        List.copyOf(blobs),
        digests(layers, true),
        digests(root.path("manifests"), false),
        sizes(root),
        annotations(root.path("annotations")));
  }

  /// An image without one is of the type of its configuration.
  private static String artifactType(JsonNode root) {
    var said = root.path("artifactType").asText("");
    return said.isEmpty() ? root.path("config").path("mediaType").asText("") : said;
  }

  List<Digest> allBlobs() {
    return Stream.concat(blobs.stream(), elsewhere.stream()).toList();
  }

  boolean isOfSize(Digest blob, long size) {
    return sizes.getOrDefault(blob, size) == size;
  }

  private static Map<Digest, Long> sizes(JsonNode root) throws RegistryFailure {
    var sizes = new HashMap<Digest, Long>();
    for (var descriptor : Iterables.concat(root.path("layers"), List.of(root.path("config")))) {
      var blob = digest(descriptor);
      if (blob.isPresent() && descriptor.path("size").isIntegralNumber()) {
        sizes.put(blob.get(), descriptor.path("size").asLong());
      }
    }
    return Map.copyOf(sizes);
  }

  boolean needs(Digest part) {
    return allBlobs().contains(part) || manifests.contains(part);
  }

  private static JsonNode json(byte[] bytes) throws RegistryFailure {
    try {
      var root = Json.MAPPER.readTree(bytes);
      if (root == null || !root.isObject()) {
        throw invalid("a manifest is a JSON object");
      }
      return root;
    } catch (JsonProcessingException e) {
      throw invalid("not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw invalid("not JSON: " + e.getMessage());
    }
  }

  private static List<Digest> digests(JsonNode descriptors, boolean elsewhere)
      throws RegistryFailure {
    var digests = new ArrayList<Digest>();
    for (var descriptor : descriptors) {
      if (descriptor.has("urls") == elsewhere) {
        digests.addAll(digest(descriptor).stream().toList());
      }
    }
    return List.copyOf(digests);
  }

  private static Optional<Digest> digest(JsonNode descriptor) throws RegistryFailure {
    if (descriptor.isMissingNode() || descriptor.isNull()) {
      return Optional.empty();
    }
    var text = descriptor.path("digest").asText("");
    return Optional.of(
        Digest.parse(text).orElseThrow(() -> invalid("not a digest: '" + text + "'")));
  }

  private static Map<String, String> annotations(JsonNode object) {
    var annotations = new TreeMap<String, String>();
    object.properties().forEach(each -> annotations.put(each.getKey(), each.getValue().asText()));
    return annotations;
  }

  private static RegistryFailure invalid(String why) {
    return RegistryFailure.of(ErrorCode.MANIFEST_INVALID, why);
  }
}
