package dev.widemesh.builder.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// An image as files, which a container wrote: nothing in it is believed. No link is followed, and
/// the registry takes content only under its own digest.
record OciFolder(Path root) {
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final int LARGEST_TEXT = 4 << 20;
  private static final int MOST_LAYERS = 1_000;

  /// Answers the digest of the manifest.
  String push(RegistryConnection registry, String repository) throws IOException {
    var blobFolder = root.resolve("blobs");
    for (var folder : List.of(root, blobFolder, blobFolder.resolve("sha256"))) {
      requireReal(folder);
    }
    var images = Json.MAPPER.readTree(text(root.resolve("index.json"))).path("manifests");
    if (images.size() != 1) {
      throw new IOException("the builder left %d images instead of one".formatted(images.size()));
    }
    var described = images.path(0);
    var manifest = text(blob(described));
    var parts = Json.MAPPER.readTree(manifest);
    var blobs = new ArrayList<JsonNode>();
    parts.path("layers").forEach(blobs::add);
    blobs.add(parts.path("config"));
    if (blobs.size() > MOST_LAYERS) {
      throw new IOException("the image has more than %d layers".formatted(MOST_LAYERS));
    }
    for (var blob : blobs) {
      push(registry, repository, blob);
    }
    var type = parts.path("mediaType").asText();
    registry.pushManifest(repository, digest(described), type, manifest);
    return digest(described);
  }

  private void push(RegistryConnection registry, String repository, JsonNode described)
      throws IOException {
    var digest = digest(described);
    if (!registry.hasBlob(repository, digest)) {
      registry.pushBlob(repository, digest, blob(described));
    }
  }

  private Path blob(JsonNode described) throws IOException {
    var hex = digest(described).substring("sha256:".length());
    var file = root.resolve("blobs").resolve("sha256").resolve(hex);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("the image that the builder left lacks " + hex);
    }
    return file;
  }

  private static String digest(JsonNode described) throws IOException {
    var digest = described.path("digest").asText();
    if (!DIGEST.matcher(digest).matches()) {
      throw new IOException("the image that the builder left has no digest where one must be");
    }
    return digest;
  }

  private static byte[] text(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST_TEXT) {
      throw new IOException("the builder left no image: " + file.getFileName());
    }
    return Files.readAllBytes(file);
  }

  private static void requireReal(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("the builder left no image: " + folder.getFileName());
    }
  }
}
