package dev.widemesh.builder.sbom;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Makes the bill of materials of an image, out of nothing but its layers. What the last ones
/// brought is remembered: most images of a platform stand on the same. For one thread.
public final class ImageReader {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int MOST_LAYERS = 500;

  /// Of all that is remembered, in characters.
  private static final long MOST_WEIGHT = 2 * LayerContents.MOST;

  /// Where layers lie. Throws where there is none.
  public interface Layers {
    InputStream open(String digest) throws IOException;
  }

  private final LinkedHashMap<String, LayerContents> known = new LinkedHashMap<>(16, 0.75f, true);

  /// `manifest` is that of the image with that digest. Of bytes that are always the same.
  public byte[] bill(String digest, byte[] manifest, Layers layers) throws IOException {
    var deadline = System.nanoTime() + LIMIT.toNanos();
    var contents = new ImageContents();
    for (var layer : layers(digest, manifest)) {
      if (!contents.isFull()) {
        contents.add(layer, contents(layer, layers, deadline));
      }
    }
    return CycloneDx.write(digest, contents);
  }

  private static List<String> layers(String digest, byte[] manifest) throws IOException {
    var layers = new ArrayList<String>();
    for (var layer : Json.MAPPER.readTree(manifest).path("layers")) {
      layers.add(layer.path("digest").asText(""));
    }
    if (layers.size() > MOST_LAYERS) {
      throw new UnreadableImage(
          "the image %s has more than %d layers".formatted(digest, MOST_LAYERS));
    }
    return layers;
  }

  private LayerContents contents(String layer, Layers layers, long deadline) throws IOException {
    var before = known.get(layer);
    if (before != null) {
      return before;
    }
    var contents = LayerReading.of(() -> layers.open(layer), layer, deadline);
    known.put(layer, contents);
    forget();
    return contents;
  }

  /// In characters.
  long remembered() {
    return known.values().stream().mapToLong(LayerContents::weight).sum();
  }

  private void forget() {
    var weight = remembered();
    for (var oldest = known.entrySet().iterator(); weight > MOST_WEIGHT && oldest.hasNext(); ) {
      weight -= oldest.next().getValue().weight();
      oldest.remove();
    }
  }
}
