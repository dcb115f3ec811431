package dev.widemesh.builder.lifecycle;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A layer that a stack keeps, as its `index.json` has it.
///
/// `diffId` only for layers of the image. `bytes` of the disk, without its bills, each name of a
/// file counted. `sboms` are the files of its bills of materials, by their format; neither they nor
/// `given` where an earlier release kept it.
record KeptLayer(
    String buildpack,
    String layer,
    String folder,
    Map<String, Object> metadata,
    @Nullable String diffId,
    long tarBytes,
    String listing,
    long bytes,
    @Nullable Map<String, String> sboms,
    @Nullable Given given) {

  /// What the next build gets of a layer: all of it; only its metadata and bills, where it is for
  /// the image alone; or nothing. In each case the next image may have it again.
  enum Given {
    ALL,
    WORDS,
    NOTHING
  }

  /// What our buildpacks say of such a layer, in its metadata.
  private static final String WRITTEN_IN_PLACE = "written-in-place";

  Map<String, String> bills() {
    return sboms == null ? Map.of() : sboms;
  }

  Given toNextBuild() {
    return given == null ? Given.ALL : given;
  }

  /// A program alters its files where they lie: they must not be those of the cache.
  boolean isWrittenInPlace() {
    return isWrittenInPlace(metadata);
  }

  static boolean isWrittenInPlace(Map<String, Object> metadata) {
    return Boolean.TRUE.equals(metadata.get(WRITTEN_IN_PLACE));
  }

  /// Where it lies in the image.
  String inside() {
    return BuiltLayer.inside(buildpack, layer);
  }

  boolean is(String otherBuildpack, String otherLayer) {
    return buildpack.equals(otherBuildpack) && layer.equals(otherLayer);
  }
}
