package dev.widemesh.builder;

import dev.widemesh.api.Survey;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Looks whether images can be pulled and started, in the registry's files: for a while, because
/// there may be many, but at one in any case. Whoever asked asks for the rest again.
record ImageCheck(Registry registry, VerifyingKey key, Duration atMost) {
  Survey.Images of(List<String> images) {
    var end = System.nanoTime() + atMost.toNanos();
    var damages = new ArrayList<Survey.Damage>();
    var looked = 0;
    for (var image : images) {
      if (looked > 0 && (System.nanoTime() - end > 0 || damages.size() >= Survey.MOST)) {
        break;
      }
      lacks(image).forEach(what -> damages.add(new Survey.Damage(image, what)));
      looked++;
    }
    return new Survey.Images(looked, damages);
  }

  private List<String> lacks(String image) {
    try {
      return registry.lacks(image, key);
    } catch (IOException | RuntimeException e) {
      return List.of("what can be read of %s: %s".formatted(image, e.getMessage()));
    }
  }
}
