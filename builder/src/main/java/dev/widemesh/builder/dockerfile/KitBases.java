package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/// Gives the engine's images names for BuildKit, which gets them as files and asks no registry.
final class KitBases implements BaseImages {
  private static final String PREFIX = "widemesh.base/";

  private final BaseImages images;
  private final Set<String> ids = new TreeSet<>();

  KitBases(BaseImages images) {
    this.images = images;
  }

  @Override
  public String find(Instruction where, String name)
      throws IOException, InterruptedException, BuildRefused {
    var id = images.find(where, name).replace("sha256:", "");
    ids.add(id);
    return name(id);
  }

  /// Of an image, in the Dockerfile that BuildKit gets.
  static String name(String id) {
    return PREFIX + id;
  }

  /// Those that were found, without `sha256:`.
  Set<String> ids() {
    return Set.copyOf(ids);
  }
}
