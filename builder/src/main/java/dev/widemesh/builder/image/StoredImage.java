package dev.widemesh.builder.image;

import com.google.cloud.tools.jib.api.buildplan.Port;
import com.google.cloud.tools.jib.image.Image;
import com.google.cloud.tools.jib.image.json.ContainerConfigurationTemplate;
import com.google.cloud.tools.jib.image.json.JsonToImageTranslator;
import com.google.cloud.tools.jib.image.json.OciManifestTemplate;
import com.google.cloud.tools.jib.json.JsonTemplateMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An image that is in the registry. `reference` is `<repository>@<digest>`.
record StoredImage(String reference, String repository, Image image) {
  static StoredImage load(RegistryConnection registry, String reference) throws IOException {
    var name = ImageName.parse(reference);
    var repository = name.repository();
    var manifest =
        JsonTemplateMapper.readJson(
            registry.manifest(repository, name.digest()), OciManifestTemplate.class);
    var described = manifest.getContainerConfiguration();
    var digest = described == null ? null : described.getDigest();
    if (digest == null) {
      throw new IOException(reference + " is not the manifest of an image");
    }
    var config = registry.configuration(repository, digest.toString());
    return new StoredImage(reference, repository, image(manifest, config, reference));
  }

  private static Image image(OciManifestTemplate manifest, byte[] config, String reference)
      throws IOException {
    try {
      return JsonToImageTranslator.toImage(
          manifest, JsonTemplateMapper.readJson(config, ContainerConfigurationTemplate.class));
    } catch (Exception e) { // Jib declares three for "this is no image"
      throw new IOException("the configuration of " + reference + " is damaged", e);
    }
  }

  ImageConfig config() {
    var settings =
        new ImageRecipe.Settings(
            map(image.getEnvironment()),
            map(image.getLabels()),
            text(image.getUser()),
            text(image.getWorkingDirectory()),
            list(image.getEntrypoint()),
            list(image.getProgramArguments()),
            ports());
    var diffIds = image.getLayers().stream().map(layer -> layer.getDiffId().toString()).toList();
    return new ImageConfig(reference, settings, diffIds);
  }

  private Set<Integer> ports() {
    var ports = image.getExposedPorts();
    return ports == null ? Set.of() : ports.stream().map(Port::getPort).collect(Collectors.toSet());
  }

  static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static Map<String, String> map(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  private static List<String> list(@Nullable List<String> list) {
    return list == null ? List.of() : list;
  }
}
