package dev.widemesh.builder.sbom;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one layer says of the software in it. `found`, by path, has an entry for every file that
/// could say something, because it hides one of a layer below. `removed` are paths that are gone
/// from the layers below, with all below them; of folders that are `emptied` only what is below
/// them. `unread`, by path, says what could not be read, and why; the empty path is the layer.
record LayerContents(
    Map<String, List<Component>> found,
    Set<String> removed,
    Set<String> emptied,
    Map<String, String> unread) {
  LayerContents {
    found = Map.copyOf(found);
    removed = Set.copyOf(removed);
    emptied = Set.copyOf(emptied);
    unread = Map.copyOf(unread);
  }

  /// How much of a cache it takes.
  long weight() {
    return 1L
        + found.size()
        + removed.size()
        + emptied.size()
        + unread.size()
        + found.values().stream().mapToLong(List::size).sum();
  }
}
