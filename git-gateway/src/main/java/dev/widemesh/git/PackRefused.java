package dev.widemesh.git;

import java.io.IOException;

/// A [Refused] on its way through JGit, which passes on nothing else out of a stream.
final class PackRefused extends IOException {
  private static final long serialVersionUID = 1L;
  private final transient Refused refusal;

  PackRefused(Refused refusal) {
    super(refusal.what(), refusal);
    this.refusal = refusal;
  }

  Refused refusal() {
    return refusal;
  }
}
