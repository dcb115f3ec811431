package dev.widemesh.builder;

import java.io.IOException;

/// A commit cannot be written out as it is: `getMessage` says why, `nextStep` what to do.
public final class SourceRefused extends IOException {
  private static final long serialVersionUID = 1L;
  private final String nextStep;

  public SourceRefused(String what, String nextStep) {
    super(what);
    this.nextStep = nextStep;
  }

  public String nextStep() {
    return nextStep;
  }
}
