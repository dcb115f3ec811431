package dev.widemesh.builder.image;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What an image is made of. `base` is `<repository>@sha256:<hex>` in the same registry.
public record ImageRecipe(
    String repository, Optional<String> base, List<Layer> layers, Settings settings) {
  public ImageRecipe {
    layers = List.copyOf(layers);
  }

  /// All of them replace what the base says, except that `env` and `labels` are added to it. An
  /// empty `user` or `workingDir` keeps the base's.
  public record Settings(
      Map<String, String> env,
      Map<String, String> labels,
      String user,
      String workingDir,
      List<String> entrypoint,
      List<String> cmd,
      Set<Integer> exposed) {
    public Settings {
      env = Map.copyOf(env);
      labels = Map.copyOf(labels);
      entrypoint = List.copyOf(entrypoint);
      cmd = List.copyOf(cmd);
      exposed = Set.copyOf(exposed);
    }

    /// The same with other labels.
    public Settings labelled(Map<String, String> others) {
      return new Settings(env, others, user, workingDir, entrypoint, cmd, exposed);
    }
  }
}
