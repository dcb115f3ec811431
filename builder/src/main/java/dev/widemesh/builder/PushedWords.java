package dev.widemesh.builder;

import dev.widemesh.builder.image.PushedImage;
import java.util.List;
import java.util.Locale;

/// What the output says of an image that is in the registry now; `reused` are layers by name.
record PushedWords(PushedImage image, List<String> reused) {
  PushedWords {
    reused = List.copyOf(reused);
  }

  void say(BuildOutput output) {
    output.step("Image " + image.reference().replaceFirst(".*@sha256:(.{12}).*", "$1"));
    if (!reused.isEmpty()) {
      output.detail("Layers reused: " + String.join(", ", reused));
    }
    output.detail(
        "Moved %s in %d of %d layers"
            .formatted(
                bytes(image.bytesPushed()),
                image.layersPushed(),
                image.layersPushed() + image.layersReused()));
  }

  static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    return bytes < 1_000_000
        ? bytes / 1_000 + " kB"
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
