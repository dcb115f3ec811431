package dev.widemesh.builder.image;

/// Whom a file in a layer belongs to.
public record Owner(int uid, int gid) {
  public static final Owner ROOT = new Owner(0, 0);

  /// The user that buildpack images run as.
  public static final Owner APP = new Owner(1000, 1000);
}
