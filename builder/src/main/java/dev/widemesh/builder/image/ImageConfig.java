package dev.widemesh.builder.image;

import java.util.List;

/// What an image in the registry says about itself. `diffIds` name its layers from the bottom up.
public record ImageConfig(String reference, ImageRecipe.Settings settings, List<String> diffIds) {
  public ImageConfig {
    diffIds = List.copyOf(diffIds);
  }
}
