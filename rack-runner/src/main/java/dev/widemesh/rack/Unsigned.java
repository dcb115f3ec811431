package dev.widemesh.rack;

/// An image that the platform has not signed. It may do so any moment: what was made before images
/// were signed, or with a key that is gone, is signed anew after an upgrade.
final class Unsigned extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  Unsigned(String image) {
    super("the image " + image + " is not signed by this platform");
  }
}
