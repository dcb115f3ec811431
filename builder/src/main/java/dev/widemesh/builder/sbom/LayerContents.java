package dev.widemesh.builder.sbom;

import java.util.Collection;
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
  /// So many characters at most are held of one layer, and of all of an image.
  static final long MOST = 8_000_000;

  /// What a path or a reason takes besides its letters, in characters.
  private static final int FIXED = 50;

  LayerContents {
    found = Map.copyOf(found);
    removed = Set.copyOf(removed);
    emptied = Set.copyOf(emptied);
    unread = Map.copyOf(unread);
  }

  /// How much of a memory it takes, about, in characters.
  long weight() {
    return weight(removed) + weight(emptied) + weight(found, unread);
  }

  static long weight(Map<String, List<Component>> found, Map<String, String> unread) {
    var components = found.values().stream().flatMap(List::stream).mapToLong(Component::weight);
    return components.sum()
        + weight(found.keySet())
        + weight(unread.keySet())
        + weight(unread.values());
  }

  private static long weight(Collection<String> texts) {
    return texts.stream().mapToLong(LayerContents::weight).sum();
  }

  static long weight(String text) {
    return (long) FIXED + text.length();
  }
}
