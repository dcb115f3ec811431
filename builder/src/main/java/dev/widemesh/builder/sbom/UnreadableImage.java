package dev.widemesh.builder.sbom;

import java.io.IOException;

/// An image that cannot be read, in words that whoever asks for it may see.
public class UnreadableImage extends IOException {
  private static final long serialVersionUID = 1L;

  private final String why;

  public UnreadableImage(String why) {
    super(why);
    this.why = why;
  }

  public String why() {
    return why;
  }

  /// Whether every other try would end like this one.
  public boolean isForGood() {
    return true;
  }
}
