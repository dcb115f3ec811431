package dev.widemesh.builder;

import java.io.IOException;

/// A commit cannot be written out as it is: `getMessage` says why, `nextStep` what to do.
public sealed class SourceRefused extends IOException permits SourceTooLarge {
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
