package dev.widemesh.builder.image;

import java.util.List;
import java.util.Set;

/// An image that the engine made and pushed, as it is in the registry now. `reference` is
/// `<repository>@sha256:<hex>`, `exposed` the TCP ports that it names.
public record EngineImage(
    String reference, List<String> entrypoint, List<String> cmd, Set<Integer> exposed) {
  public EngineImage {
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    exposed = Set.copyOf(exposed);
  }
}
