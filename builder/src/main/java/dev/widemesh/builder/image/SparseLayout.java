package dev.widemesh.builder.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An image of the registry as a folder in the OCI image layout, without the content of its layers:
/// who builds upon it need only know their names.
record SparseLayout(RegistryConnection registry, Path folder) {
  static final String VERSION = "{\"imageLayoutVersion\":\"1.0.0\"}";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  /// Of the layers in `wanted`, by the hash of their tar, the content comes too where it is small.
  void write(String reference, Set<String> wanted) throws IOException {
    var name = ImageName.parse(reference);
    var manifest = registry.manifest(name.repository(), name.digest());
    var described = Json.MAPPER.readTree(manifest);
    var configDigest = described.path("config").path("digest").asText("");
    var config = registry.configuration(name.repository(), configDigest);
    var blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
    put(blobs, name.digest(), manifest);
    put(blobs, configDigest, config);
    var diffIds = Json.MAPPER.readTree(config).path("rootfs").path("diff_ids");
    for (var i = 0; i < diffIds.size(); i++) {
      if (wanted.contains(diffIds.get(i).asText())) {
        putSmall(blobs, name.repository(), described.path("layers").path(i));
      }
    }
    var mediaType = described.path("mediaType").asText(MANIFEST);
    var entry = Map.of("mediaType", mediaType, "digest", name.digest(), "size", manifest.length);
    Files.writeString(
        folder.resolve("index.json"),
        Json.write(Map.of("schemaVersion", 2, "manifests", List.of(entry))));
    Files.writeString(folder.resolve("oci-layout"), VERSION);
  }

  private void putSmall(Path blobs, String repository, JsonNode layer) throws IOException {
    var digest = layer.path("digest").asText("");
    var content = registry.small(repository, digest);
    if (content.isPresent()) {
      put(blobs, digest, content.get());
    }
  }

  private static void put(Path blobs, String digest, byte[] content) throws IOException {
    Files.write(blobs.resolve(digest.replaceFirst("^sha256:", "")), content);
  }
}
