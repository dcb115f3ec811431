package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.Layer;
import java.util.List;

/// All that an app's image is made of. `reused` and `changed` name its layers for people; `web` is
/// what starts the app, empty where no buildpack knows; `used` are the buildpacks that took part.
public record Assembly(
    List<Layer> layers,
    ImageRecipe.Settings settings,
    List<String> reused,
    List<String> changed,
    List<String> web,
    List<Used> used) {
  /// See [dev.widemesh.api.BuildWire.UsedBuildpack].
  public record Used(String id, String version, String from, String digest) {}

  public Assembly {
    layers = List.copyOf(layers);
    reused = List.copyOf(reused);
    changed = List.copyOf(changed);
    web = List.copyOf(web);
    used = List.copyOf(used);
  }
}
