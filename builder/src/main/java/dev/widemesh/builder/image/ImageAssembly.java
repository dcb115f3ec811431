package dev.widemesh.builder.image;

import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.api.buildplan.Port;
import com.google.cloud.tools.jib.blob.BlobDescriptor;
import com.google.cloud.tools.jib.image.Image;
import com.google.cloud.tools.jib.image.ReferenceLayer;
import com.google.cloud.tools.jib.image.json.HistoryEntry;
import com.google.cloud.tools.jib.image.json.OciManifestTemplate;
import java.io.IOException;
import java.security.DigestException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Puts a recipe on top of its base. Everything is sorted: one recipe, one digest.
final class ImageAssembly {
  private static final Instant CREATED = Instant.parse("1980-01-01T00:00:01Z");

  /// A layer of the recipe as the registry has it.
  record PlacedLayer(Layer layer, CompressedLayers.Compressed compressed, boolean pushed) {}

  private ImageAssembly() {}

  static Image assemble(
      Optional<StoredImage> base, List<PlacedLayer> layers, ImageRecipe.Settings settings)
      throws IOException {
    var below = base.map(StoredImage::config);
    var image = Image.builder(OciManifestTemplate.class).setCreated(CREATED).setOs("linux");
    image.setArchitecture(Architecture.ofHost());
    base.ifPresent(stored -> stored.image().getLayers().forEach(image::addLayer));
    base.ifPresent(stored -> stored.image().getHistory().forEach(image::addHistory));
    for (var layer : layers) {
      image.addLayer(reference(layer));
      image.addHistory(history(layer.layer().name()));
    }
    var inherited = below.map(ImageConfig::settings);
    image.addEnvironment(merged(inherited.map(ImageRecipe.Settings::env), settings.env()));
    image.addLabels(merged(inherited.map(ImageRecipe.Settings::labels), settings.labels()));
    image.setUser(or(settings.user(), inherited.map(ImageRecipe.Settings::user)));
    image.setWorkingDirectory(
        or(settings.workingDir(), inherited.map(ImageRecipe.Settings::workingDir)));
    image.setEntrypoint(settings.entrypoint()).setProgramArguments(settings.cmd());
    for (var port : new TreeSet<>(settings.exposed())) {
      image.addExposedPorts(Set.of(Port.tcp(port)));
    }
    return image.build();
  }

  private static ReferenceLayer reference(PlacedLayer placed) throws IOException {
    try {
      var compressed = placed.compressed();
      var digest = DescriptorDigest.fromDigest(compressed.digest());
      return new ReferenceLayer(
          new BlobDescriptor(compressed.size(), digest),
          DescriptorDigest.fromDigest(placed.layer().diffId()));
    } catch (DigestException e) {
      throw new IOException("layer " + placed.layer().name() + " has no valid digest", e);
    }
  }

  private static HistoryEntry history(String name) {
    return HistoryEntry.builder().setCreationTimestamp(CREATED).setCreatedBy(name).build();
  }

  private static Map<String, String> merged(
      Optional<Map<String, String>> below, Map<String, String> above) {
    var all = new TreeMap<>(below.orElse(Map.of()));
    all.putAll(above);
    return all;
  }

  private static String or(String own, Optional<String> inherited) {
    return own.isEmpty() ? inherited.orElse("") : own;
  }
}
