package dev.widemesh.builder.lifecycle;

import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.Layer;
import java.util.List;
import java.util.stream.Stream;

/// All that an app's image is made of: below the layers with the app's own files what buildpacks
/// made, above them the launcher. `reused` and `changed` name layers for people; `web` is what
/// starts the app, empty where no buildpack knows; `used` are the buildpacks that took part, and
/// `reads` the files whose content they and their likes looked at (see [Reads]).
public record Assembly(
    List<Layer> below,
    List<Layer> app,
    Layer launcher,
    ImageRecipe.Settings settings,
    List<String> reused,
    List<String> changed,
    List<String> web,
    List<Used> used,
    List<String> reads) {
  /// See [dev.widemesh.api.BuildWire.UsedBuildpack].
  public record Used(String id, String version, String from, String digest, String commit) {}

  public Assembly {
    below = List.copyOf(below);
    app = List.copyOf(app);
    reused = List.copyOf(reused);
    changed = List.copyOf(changed);
    web = List.copyOf(web);
    used = List.copyOf(used);
    reads = List.copyOf(reads);
  }

  /// From the bottom up.
  public List<Layer> layers() {
    return Stream.of(below, app, List.of(launcher)).flatMap(List::stream).toList();
  }

  /// The same with other content of the app's files, of that commit; all other layers are reused.
  public Assembly with(List<Layer> files, String commit) {
    var names = Stream.concat(reused.stream(), changed.stream()).toList();
    return new Assembly(
        below,
        files,
        launcher,
        settings.labelled(Labels.moved(settings.labels(), files, commit)),
        names,
        List.of(),
        web,
        used,
        reads);
  }
}
