package dev.widemesh.builder.image;

/// What became of an image whose signature was looked for.
public enum Mending {
  WHOLE,
  /// Its signature was lost; that it is ours was known.
  SIGNED_AGAIN,
  /// It has no signature, and nothing says that it ever had one of ours.
  UNKNOWN,
  /// The image itself is lost.
  GONE
}
