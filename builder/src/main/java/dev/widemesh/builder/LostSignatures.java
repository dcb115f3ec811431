package dev.widemesh.builder;

import dev.widemesh.api.WrongContent;
import dev.widemesh.builder.SignedWith.Proof;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.Mending;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks whether images have their signature, and signs again what has none and is known to be
/// ours. Says of each what is wrong with it, once. For one thread.
final class LostSignatures {
  private static final Logger log = LoggerFactory.getLogger(LostSignatures.class);

  private final ImageExporter exporter;

  /// What was said last, by image.
  private final Map<String, String> said = new HashMap<>();

  LostSignatures(ImageExporter exporter) {
    this.exporter = exporter;
  }

  /// Whether all were looked at: nothing but a push could make more of them.
  boolean look(List<String> images, Proof proof) {
    var all = true;
    for (var image : images) {
      all &= look(image, proof);
    }
    said.keySet().retainAll(images);
    return all;
  }

  /// One that cannot be read does not keep the others from it.
  private boolean look(String image, Proof proof) {
    try {
      switch (mend(exporter, image, proof)) {
        case WHOLE -> said.remove(image);
        case GONE -> say(image, "is not there to be signed");
        case SIGNED_AGAIN -> {
          said.remove(image);
          log.info("{} had no signature that counts; it is ours: signed", image);
        }
        case UNKNOWN ->
            say(image, "has no signature, and nothing says that it is ours: push it again");
      }
      return true;
    } catch (WrongContent | IllegalArgumentException e) { // Nor tomorrow; a push makes it anew.
      say(image, "is damaged, and not signed: " + e.getMessage());
      return true;
    } catch (IOException e) {
      say(image, "cannot be signed yet, and is tried again: " + e);
      return false;
    }
  }

  private void say(String image, String what) {
    if (!what.equals(said.put(image, what))) {
      log.warn("{} {}", image, what);
    }
  }

  static Mending mend(ImageExporter exporter, String image, Proof proof) throws IOException {
    return switch (proof) {
      case Proof.Keys(var keys) -> exporter.mend(image, keys);
      case Proof.Kept _ -> exporter.mend(image, List.of());
      case Proof.Named(var images) when images.contains(image) ->
          exporter.sign(image) ? Mending.SIGNED_AGAIN : Mending.GONE;
      case Proof.Named _ -> exporter.mend(image, List.of());
    };
  }
}
