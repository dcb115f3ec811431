package dev.widemesh.builder;

import dev.widemesh.api.Survey;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Looks whether images can be pulled and started, in the registry's files: for a while, because
/// there may be many, but at one in any case. Whoever asked asks for the rest again. `papers` says
/// what could not be made of an image's papers.
record ImageCheck(
    Registry registry, VerifyingKey key, Function<String, List<String>> papers, Duration atMost) {
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
      var lacks = registry.lacks(image, key);
      return lacks.isEmpty() ? papers.apply(image) : lacks;
    } catch (IOException | RuntimeException e) {
      return List.of("what can be read of %s: %s".formatted(image, e.getMessage()));
    }
  }
}
