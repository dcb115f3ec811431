package dev.widemesh.builder.lifecycle;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What to build with a builder's own lifecycle. `build` names the container and the work folder,
/// `settings` are the user's variables for the buildpacks, `run` is the run image in our registry
/// and `previous` the image of the stack that layers may be taken over from.
public record CreatorRequest(
    String build,
    String stackId,
    Map<String, String> settings,
    BuilderImage builder,
    Run run,
    Optional<Previous> previous) {
  public CreatorRequest {
    settings = Map.copyOf(settings);
  }

  /// `diffIds` name its layers from the bottom up.
  public record Run(String reference, List<String> diffIds) {
    public Run {
      diffIds = List.copyOf(diffIds);
    }
  }

  /// Of the `bill`, the layer with the bills of materials, the content is wanted.
  public record Previous(String reference, Set<String> diffIds, Optional<String> bill) {
    public Previous {
      diffIds = Set.copyOf(diffIds);
    }
  }

  @Override
  public String toString() {
    return "CreatorRequest[" + build + "]";
  }
}
