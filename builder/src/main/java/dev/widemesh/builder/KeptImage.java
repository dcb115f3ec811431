package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.Json;
import dev.widemesh.builder.lifecycle.Assembly;
import java.util.Optional;

/// The image of a stack's last build with buildpacks: what it is made of, of which commit, and
/// `frame`, a hash of all that it depends on beside the app's files, which lie in `root`. `life` is
/// that of the builder: one of another release may make other layers. As JSON it lies in the
/// stack's cache.
record KeptImage(
    String life, String frame, String root, String commit, Assembly assembly, Built built) {

  /// Empty where what would be made of it is not the same image again.
  Optional<String> text() {
    var again = assembly.with(assembly.app(), commit).settings();
    return again.equals(assembly.settings()) ? Optional.of(Json.write(this)) : Optional.empty();
  }

  /// Empty where an earlier release wrote something else.
  static Optional<KeptImage> parse(String text) {
    try {
      return Optional.of(Json.read(text, KeptImage.class));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Whether a build with that frame differs from this one by the app's files only.
  boolean isOf(String otherLife, String otherFrame, String otherRoot) {
    return life.equals(otherLife) && frame.equals(otherFrame) && root.equals(otherRoot);
  }

  KeptImage with(String otherCommit, Assembly other, Built image) {
    return new KeptImage(life, frame, root, otherCommit, other, image);
  }
}
