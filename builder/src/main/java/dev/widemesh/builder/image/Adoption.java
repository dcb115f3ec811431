package dev.widemesh.builder.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.ArtifactManifest.Descriptor;
import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

/// Makes an image that the engine pushed one of ours: without labels that were only for the build,
/// without health checks and volumes (instances are asked by the platform, and their files are gone
/// with them), and without the hour of the build.
final class Adoption {
  private static final String CREATED = "1980-01-01T00:00:01Z";

  private final RegistryConnection registry;
  private final ImageSigning signing;
  private final String repository;

  Adoption(RegistryConnection registry, ImageSigning signing, String repository) {
    this.registry = registry;
    this.signing = signing;
    this.repository = repository;
  }

  /// What has that digest and nothing else: a tag is whatever was pushed there last.
  EngineImage of(String pushed, List<String> labels) throws IOException {
    var manifest = object(registry.manifest(repository, pushed));
    if (!(manifest.path("config") instanceof ObjectNode descriptor)) {
      throw new IOException("what Docker pushed is no image: " + repository + "@" + pushed);
    }
    var config = object(registry.configuration(repository, descriptor.path("digest").asText("")));
    tidy(config, labels);
    var bytes = bytes(config);
    var digest = Sha256.of(bytes);
    if (!registry.hasBlob(repository, digest)) {
      registry.pushBlob(repository, digest, bytes);
    }
    descriptor.put("digest", digest).put("size", bytes.length);
    var whole = bytes(manifest);
    var address = Sha256.of(whole);
    var mediaType = manifest.path("mediaType").asText();
    registry.pushManifest(repository, address, mediaType, whole);
    signing.sign(repository, new Descriptor(mediaType, address, whole.length));
    return described(repository + "@" + address, config.path("config"));
  }

  private static void tidy(ObjectNode image, List<String> labels) {
    image.remove(List.of("container", "container_config", "docker_version"));
    image.put("created", CREATED);
    if (image.path("config") instanceof ObjectNode config) {
      config.remove(List.of("Healthcheck", "Volumes", "Image", "OnBuild"));
      if (config.path("Labels") instanceof ObjectNode all) {
        all.remove(labels);
      }
    }
    if (image.path("history") instanceof ArrayNode history) {
      tidy(history, labels.getFirst());
    }
  }

  private static void tidy(ArrayNode history, String mark) {
    for (Iterator<JsonNode> entries = history.iterator(); entries.hasNext(); ) {
      var entry = entries.next();
      if (entry.path("empty_layer").asBoolean()
          && entry.path("created_by").asText().contains(mark)) {
        entries.remove();
      } else if (entry instanceof ObjectNode object) {
        object.put("created", CREATED);
      }
    }
  }

  private static EngineImage described(String reference, JsonNode config) {
    var ports = new TreeSet<Integer>();
    config
        .path("ExposedPorts")
        .fieldNames()
        .forEachRemaining(
            port -> {
              if (port.matches("\\d{1,5}(/tcp)?")) {
                ports.add(Integer.parseInt(port.replace("/tcp", "")));
              }
            });
    return new EngineImage(
        reference, words(config.path("Entrypoint")), words(config.path("Cmd")), ports);
  }

  private static List<String> words(JsonNode array) {
    var words = new ArrayList<String>();
    array.forEach(word -> words.add(word.asText()));
    return words;
  }

  private static ObjectNode object(byte[] json) throws IOException {
    return Json.MAPPER.readTree(json) instanceof ObjectNode object
        ? object
        : Json.MAPPER.createObjectNode();
  }

  private static byte[] bytes(ObjectNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }
}
