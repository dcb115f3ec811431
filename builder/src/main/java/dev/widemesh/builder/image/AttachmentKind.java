package dev.widemesh.builder.image;

/// What may be said about an image, and how tools find it: at a tag made of the image's digest, as
/// cosign has them, and by the type among the image's referrers.
public enum AttachmentKind {
  /// The software in it.
  BILL("sbom", "application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", 8_000_000),

  /// Of what it was made, signed.
  STATEMENT(
      "att", "application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json", 1_000_000);

  private final String suffix;
  private final String artifactType;
  private final String mediaType;
  private final int largest;

  AttachmentKind(String suffix, String artifactType, String mediaType, int largest) {
    this.suffix = suffix;
    this.artifactType = artifactType;
    this.mediaType = mediaType;
    this.largest = largest;
  }

  /// Of the manifest.
  String artifactType() {
    return artifactType;
  }

  /// Of the content.
  String mediaType() {
    return mediaType;
  }

  /// In bytes, of the content.
  int largest() {
    return largest;
  }

  /// Of the image with that digest.
  public String tag(String digest) {
    return digest.replace(':', '-') + "." + suffix;
  }
}
