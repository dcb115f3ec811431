package dev.widemesh.builder.image;

import java.io.IOException;

/// An image of the platform's own registry.
record ImageName(String repository, String digest) {
  /// Of `<repository>@<digest>`.
  static ImageName parse(String reference) throws IOException {
    var at = reference.indexOf('@');
    if (at < 0) {
      throw new IOException("not <repository>@<digest>: '" + reference + "'");
    }
    return new ImageName(reference.substring(0, at), reference.substring(at + 1));
  }
}
